// Events of a Responses socket by chance: in order and out of it, missing fields, of several responses and items.

const STAGES = {
  output_item: 'added done',
  content_part: 'added done',
  output_text: 'delta done annotation.added',
  refusal: 'delta done',
  function_call_arguments: 'delta done',
  mcp_call_arguments: 'delta done',
  custom_tool_call_input: 'delta done',
  code_interpreter_call_code: 'delta done',
  code_interpreter_call: 'in_progress interpreting completed',
  web_search_call: 'in_progress searching completed',
  image_generation_call: 'generating partial_image',
  mcp_call: 'in_progress completed failed',
  mcp_list_tools: 'failed',
  reasoning_summary_part: 'added done',
  reasoning_summary_text: 'delta done',
  reasoning_text: 'delta done',
  shell_call_command: 'added delta done',
  shell_call_output_content: 'delta done',
  audio: 'delta',
  unheard_of: 'delta',
};
const NAMES = Object.entries(STAGES).flatMap(([family, stages]) => stages.split(' ').map((stage) => `${family}.${stage}`));
const TYPES = ['message', 'reasoning', 'function_call', 'custom_tool_call', 'mcp_call', 'code_interpreter_call'];
/** Families and types of items that belong together, so that events meet what they are about. */
const TOPICS = [
  [/./, [...TYPES, 'shell_call', 'shell_call_output', 'web_search_call', 'mcp_approval_request', 'compaction']],
  [/shell|item/, ['shell_call', 'shell_call_output']],
  [/shell_call_output|item/, ['shell_call_output']],
  [/command|item/, ['shell_call']],
  [/reasoning|part|item/, ['reasoning']],
  [/text|refusal|part/, ['message']],
  [/function|item/, ['function_call']],
  [/custom|item/, ['custom_tool_call']],
  [/mcp_call/, ['mcp_call']],
  [/code|item/, ['code_interpreter_call']],
];
const ODD = [null, 3, '', true, [], {}, 'abc', [null], -1, 1.5];
const IDS = ['x', 'y', 'z'];

/** The same sequence for the same seed; every second one has odd values and lacks fields. */
export function chance(seed) {
  let state = (seed * 7919 + 100_003) >>> 0;
  const random = () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const one = (...values) => values[Math.floor(random() * values.length)];
  for (let skipped = 0; skipped < 5; skipped++) random();
  const [families, types] = one(...TOPICS);
  const names = NAMES.filter((name) => families.test(name));
  const oddity = one(0, 0.015);

  /** What is undefined is left out. A part is always told with its index: see DIVERGENCES.md. */
  function object(fields) {
    const made = {};
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined || (name !== 'content_index' && random() < oddity)) continue;
      made[name] = random() < oddity ? one(...ODD) : value;
    }
    return made;
  }

  function part() {
    const type = one('output_text', 'output_text', 'refusal', 'reasoning_text');
    const annotations = type === 'output_text' ? one(undefined, [], [{ type: 'u' }]) : undefined;
    return object({ type, [type === 'refusal' ? 'refusal' : 'text']: one('', 'p'), annotations });
  }

  function item(place) {
    const type = random() < 0.1 ? one(...types) : types[(seed + place) % types.length];
    const fields = { type, id: random() < 0.04 ? one('x', undefined) : IDS[place], status: 'in_progress' };
    if (type === 'message') Object.assign(fields, { role: 'assistant', content: one([], [part()], [part(), part()]) });
    if (type === 'reasoning') {
      fields.summary = one([], [{ type: 'summary_text', text: 's' }]);
      fields.content = one(undefined, [], [{ type: 'reasoning_text', text: 'r' }]);
    }
    if (/_call|_output/.test(type)) Object.assign(fields, { call_id: one('c', 'c', 'd'), name: 'n' });
    if (/function|mcp/.test(type)) fields.arguments = one('', '{');
    if (/mcp/.test(type)) fields.server_label = 'l';
    if (type === 'custom_tool_call') fields.input = one('', 'i');
    if (type === 'code_interpreter_call') fields.code = one('', 'co', null);
    if (type === 'shell_call') fields.action = { commands: one([], ['ls'], ['ls', 'cd']) };
    if (type === 'shell_call_output') fields.output = one([], [{ stdout: 'o' }]);
    return object(fields);
  }

  function response() {
    const output = one([], IDS.slice(0, one(1, 2)).map((_id, place) => item(place)), undefined);
    return object({ id: one('r', 'r', 's'), output, model: one('m', undefined) });
  }

  function event() {
    if (random() < 0.08) {
      const type = one('created', 'queued', 'in_progress', 'in_progress', 'completed', 'error');
      if (type === 'error') return { type, error: { message: 'm' } };
      return { type: `response.${type}`, response: response() };
    }
    const name = random() < 0.05 ? 'output_item.added' : one(...names);
    const place = one(0, 0, 0, 1, 2);
    const of = (pattern, value) => (pattern.test(name) ? value : undefined);
    const fields = {
      output_index: place,
      item_id: /command/.test(name) ? undefined : random() < 0.04 ? one('x', 'y') : IDS[place],
      content_index: of(/text|refusal|part/, one(0, 0, 1, 2)),
      summary_index: of(/summary/, one(0, 0, 1)),
      command_index: of(/shell/, one(0, 0, 1)),
      annotation_index: of(/annotation/, one(0, 0, 1)),
      delta: /output_content/.test(name) ? object({ stdout: one('so', undefined), stderr: 'se' }) : one('a', 'b', ''),
      ...{ arguments: 'A', input: 'I', code: 'C', command: 'M', refusal: 'R', text: 'T', annotation: { type: 'u' } },
      logprobs: of(/output_text/, one(undefined, [], [{ token: 't' }])),
      part: /summary/.test(name) ? { type: 'summary_text', text: 'st' } : of(/part/, part()),
      output: [{ stdout: 'o', stderr: 'e' }],
      item: of(/output_item/, item(place)),
    };
    return { type: `response.${name}`, ...object(fields) };
  }

  const added = IDS.map((_id, place) => ({ type: 'response.output_item.added', output_index: place, item: item(place) }));
  const before = [{ type: 'response.created', response: { id: 'r', output: [] } }, ...added];
  if (random() < 0.3) before.splice(1 + Math.floor(random() * 3), 1);
  return [...(random() < 0.8 ? before : []), ...Array.from({ length: 2 + Math.floor(random() * 10) }, event)];
}
