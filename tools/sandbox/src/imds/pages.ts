import type { Answer } from '../http/answer.ts';

const names: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** An error of the metadata service: always a small XHTML page, whatever was asked for. */
export function errorPage(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  const title = `${status} - ${names[status] ?? 'Error'}`;
  return {
    status,
    headers: { ...headers, 'content-type': 'text/html', server: 'EC2ws' },
    body: `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
	"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>${title}</title>
 </head>
 <body>
  <h1>${title}</h1>
 </body>
</html>
`,
  };
}

/** A document of the metadata service: always `text/plain`, also when it is JSON. */
export function textPage(body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { ...headers, 'content-type': 'text/plain', server: 'EC2ws' }, body };
}
