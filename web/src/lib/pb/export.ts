import { call } from './client';

export interface Download {
  content: Blob;
  name: string;
}

/** Reads everything the server keeps of the climber, as one zip file. */
export async function readExport(): Promise<Download> {
  let download: Download | null = null;
  await call('/v1/users/me/export', {
    // The SDK reads JSON only. An error is JSON and goes on to it as it is.
    fetch: async (url, options) => {
      const response = await fetch(url, options);
      if (!response.ok) return response;
      const content = await response.blob();
      download = { content, name: fileNameIn(response.headers.get('Content-Disposition'), 'cragbase-export.zip') };
      return new Response('{}');
    },
  });
  if (!download) throw new Error('the export has no content');
  return download;
}

/** The file name of a Content-Disposition header, without anything that could lead into a folder. */
export function fileNameIn(header: string | null, fallback: string): string {
  const [, quoted, bare] = /filename=(?:"([^"]*)"|([^;\s]+))/i.exec(header ?? '') ?? [];
  const name = (quoted ?? bare ?? '').replace(/[/\\]/g, '-').replace(/^\.+/, '');
  return name || fallback;
}
