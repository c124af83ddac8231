import { call } from './client';

export interface Download {
  content: Blob;
  name: string;
}

/** Reads everything the server keeps of the climber, as one zip file. */
export function readExport(): Promise<Download> {
  return download('/v1/users/me/export', 'cragbase-export.zip');
}

/** Reads the logbook as a file that can be imported again. */
export function readTicksFile(): Promise<Download> {
  return download('/v1/users/me/ticks.csv', 'ticks.csv');
}

async function download(path: string, fallbackName: string): Promise<Download> {
  let file: Download | null = null;
  await call(path, {
    // The SDK reads JSON only. An error is JSON and goes on to it as it is.
    fetch: async (url, options) => {
      const response = await fetch(url, options);
      if (!response.ok) return response;
      const content = await response.blob();
      file = { content, name: fileNameIn(response.headers.get('Content-Disposition'), fallbackName) };
      return new Response('{}');
    },
  });
  if (!file) throw new Error(`${path} has no content`);
  return file;
}

/** The file name of a Content-Disposition header, without anything that could lead into a folder. */
export function fileNameIn(header: string | null, fallback: string): string {
  const [, quoted, bare] = /filename=(?:"([^"]*)"|([^;\s]+))/i.exec(header ?? '') ?? [];
  const name = (quoted ?? bare ?? '').replace(/[/\\]/g, '-').replace(/^\.+/, '');
  return name || fallback;
}
