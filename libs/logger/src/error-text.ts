const deepest = 5;

/** An error as one text: its message, then those of its causes that say something new. */
export function errorText(error: unknown): string {
  let text = '';
  let current = error;
  for (let depth = 0; depth < deepest && current !== undefined && current !== null; depth++) {
    const message = messageOf(current);
    if (message !== '' && !text.includes(message)) text += text === '' ? message : `: ${message}`;
    current = current instanceof Error ? current.cause : undefined;
  }
  return text;
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  return typeof error === 'object' && error !== null ? objectText(error) : String(error);
}

function objectText(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'an error that cannot be written';
  }
}
