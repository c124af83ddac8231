/** A line of a chart: told apart by its colour, and by the shape of its points and the dashes between them. */
export interface Series<T> {
  key: string;
  name: string;
  /** A custom property of the style sheet. */
  colour: string;
  shape: 'circle' | 'square' | 'triangle' | 'diamond' | 'none';
  dashes?: string;
  /** Whether a value holds until the next one, instead of leading there. */
  steps?: boolean;
  value: (item: T) => number | null;
}

/** The outline of a point around the origin, of the same visual weight for every shape. */
export function outlineOf(shape: Series<unknown>['shape'], radius: number): string {
  const r = radius;
  switch (shape) {
    case 'circle':
      return `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
    case 'square':
      return `M${-r} ${-r}h${2 * r}v${2 * r}h${-2 * r}Z`;
    case 'triangle':
      return `M0 ${-1.3 * r}L${1.25 * r} ${r}H${-1.25 * r}Z`;
    case 'diamond':
      return `M0 ${-1.4 * r}L${1.4 * r} 0L0 ${1.4 * r}L${-1.4 * r} 0Z`;
    case 'none':
      return '';
  }
}
