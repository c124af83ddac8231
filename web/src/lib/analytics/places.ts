import type { LocationNode } from './answers';

/** How deep and how many places a filter offers; deeper ones are picked in the tree itself. */
const deepest = 2;
const most = 60;

/** The paths of the larger places, each followed by what is in it. */
export function placesOf(tree: readonly LocationNode[], depth = 1): string[] {
  const paths = tree.filter(({ others }) => others === 0).flatMap((node) => [node.path, ...(depth < deepest ? placesOf(node.children, depth + 1) : [])]);
  return depth === 1 ? paths.slice(0, most) : paths;
}
