/** What the events of translation sessions hold, for those that are told by their type. */

type Fields = Record<string, unknown>;

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';
const isMissing = (value: unknown) => value === undefined || value === null;

function isSession(value: unknown): boolean {
  const { id, type, model, expires_at: end, audio } = (value ?? {}) as Fields;
  return isText(id) && type === 'translation' && isText(model) && isNumber(end) && typeof audio === 'object' && audio !== null;
}

const isTranscript = ({ delta, elapsed_ms: elapsed }: Fields) => isText(delta) && (isMissing(elapsed) || isNumber(elapsed));

/** Whether an `error` event holds what the API says of errors. */
function isError({ error }: Fields): boolean {
  const { type, message, code, param, event_id: id } = (error ?? {}) as Fields;
  return isText(type) && isText(message) && [code, param, id].every((value) => isMissing(value) || isText(value));
}

const RULES: Record<string, (event: Fields) => boolean> = {
  'session.created': ({ session }) => isSession(session),
  'session.updated': ({ session }) => isSession(session),
  'session.closed': () => true,
  error: isError,
  'session.input_transcript.delta': isTranscript,
  'session.output_transcript.delta': isTranscript,
  'session.output_audio.delta': (event) =>
    isTranscript(event) &&
    [event['channels'], event['sample_rate']].every((value) => value === undefined || isNumber(value)) &&
    (event['format'] === undefined || event['format'] === 'pcm16'),
};

/** Whether an event is of a type that is known, and holds what its type says. */
export function isKnownTranslationEvent(event: { type: string; [field: string]: unknown }): boolean {
  const rule = Object.hasOwn(RULES, event.type) ? RULES[event.type] : undefined;
  return rule !== undefined && isText(event['event_id']) && rule(event);
}
