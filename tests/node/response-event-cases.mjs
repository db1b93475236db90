// Lists of events of the Responses API, right ones and wrong ones, for comparisons with the official package.

export const CREATED = {
  type: 'response.created',
  sequence_number: 0,
  response: { id: 'resp_1', object: 'response', status: 'in_progress', output: [] },
};

const lifecycle = (name, response) => ({ ...CREATED, type: `response.${name}`, response: { ...CREATED.response, ...response } });
const added = (item, output_index = 0) => ({ type: 'response.output_item.added', output_index, item });
const doneItem = (item, output_index = 0) => ({ type: 'response.output_item.done', output_index, item });
const of = (id, type, rest = {}) => ({ type: `response.${type}`, item_id: id, output_index: 0, ...rest });

const MESSAGE = { type: 'message', id: 'm', role: 'assistant', status: 'in_progress', content: [] };
const TEXT = { type: 'output_text', text: '', annotations: [] };
const REFUSAL = { type: 'refusal', refusal: '' };
const REASONING_TEXT = { type: 'reasoning_text', text: '' };
const part = (value, content_index = 0, id = 'm') => of(id, 'content_part.added', { content_index, part: value });
const partDone = (value, content_index = 0, id = 'm') => of(id, 'content_part.done', { content_index, part: value });
const text = (delta, rest = {}) => of('m', 'output_text.delta', { content_index: 0, delta, logprobs: [], ...rest });
const FUNCTION = { type: 'function_call', id: 'f', call_id: 'c', name: 'n', arguments: '' };
const CUSTOM = { type: 'custom_tool_call', id: 'u', call_id: 'c', name: 'n', input: '' };
const CODE = { type: 'code_interpreter_call', id: 'k', status: 'in_progress', code: '', container_id: 'b', outputs: [] };
const MCP = { type: 'mcp_call', id: 'p', name: 'n', server_label: 's', arguments: '' };
const LIST = { type: 'mcp_list_tools', id: 'l', server_label: 's', tools: [] };
const IMAGE = { type: 'image_generation_call', id: 'i', status: 'in_progress', result: null };
const FILES = { type: 'file_search_call', id: 's', status: 'in_progress', queries: [], results: null };
const WEB = { type: 'web_search_call', id: 'w', status: 'in_progress', action: { type: 'search', query: '' } };
const THOUGHT = { type: 'reasoning', id: 't', summary: [] };
const SHELL = { type: 'shell_call', id: 'h', call_id: 'c', status: 'in_progress', action: { commands: [], max_output_length: null, timeout_ms: null } };
const SHELL_OUTPUT = { type: 'shell_call_output', id: 'o', call_id: 'c', status: 'in_progress', max_output_length: null, output: [] };
const COMPACTION = { type: 'compaction', id: 'z', encrypted_content: '' };
const summary = (type, rest = {}) => of('t', `reasoning_summary_${type}`, { summary_index: 0, ...rest });
const shell = (type, rest = {}) => ({ type: `response.shell_call_command.${type}`, output_index: 0, command_index: 0, ...rest });
const output = (type, rest = {}) => of('o', `shell_call_output_content.${type}`, { command_index: 0, ...rest });

const ALL_ITEMS = { MESSAGE, FUNCTION, CUSTOM, CODE, MCP, LIST, IMAGE, FILES, WEB, THOUGHT, SHELL, SHELL_OUTPUT, COMPACTION };

/** Events for one output item each, with the item that they belong to. */
const OF_ITEMS = {
  'output_text.delta': [MESSAGE, [part(TEXT)], text('x')],
  'output_text.done': [MESSAGE, [part(TEXT)], of('m', 'output_text.done', { content_index: 0, text: 'whole', logprobs: [] })],
  'output_text.done with logprobs': [
    MESSAGE,
    [part({ ...TEXT, logprobs: [] }), text('x', { logprobs: [{ token: 'x', logprob: -1 }] })],
    of('m', 'output_text.done', { content_index: 0, text: 'x', logprobs: [{ token: 'x', logprob: -1 }] }),
  ],
  'output_text.delta with logprobs': [MESSAGE, [part({ ...TEXT, logprobs: [] })], text('x', { logprobs: [{ token: 'x', logprob: -1 }] })],
  'output_text.annotation.added': [
    MESSAGE,
    [part(TEXT)],
    of('m', 'output_text.annotation.added', { content_index: 0, annotation_index: 0, annotation: { type: 'url_citation', url: 'u' } }),
  ],
  'refusal.delta': [MESSAGE, [part(REFUSAL)], of('m', 'refusal.delta', { content_index: 0, delta: 'no' })],
  'refusal.done': [MESSAGE, [part(REFUSAL)], of('m', 'refusal.done', { content_index: 0, refusal: 'no' })],
  'content_part.done': [MESSAGE, [part(TEXT)], partDone({ ...TEXT, text: 'done' })],
  'content_part.done of a refusal': [MESSAGE, [part(TEXT)], partDone({ ...REFUSAL, refusal: 'done' })],
  'reasoning part': [THOUGHT, [], part(REASONING_TEXT, 0, 't')],
  'reasoning part done': [THOUGHT, [part(REASONING_TEXT, 0, 't')], partDone({ ...REASONING_TEXT, text: 'd' }, 0, 't')],
  'reasoning_text.delta': [THOUGHT, [part(REASONING_TEXT, 0, 't')], of('t', 'reasoning_text.delta', { content_index: 0, delta: 'x' })],
  'reasoning_text.done': [THOUGHT, [part(REASONING_TEXT, 0, 't')], of('t', 'reasoning_text.done', { content_index: 0, text: 'x' })],
  'reasoning_summary_part.added': [THOUGHT, [], summary('part.added', { part: { type: 'summary_text', text: '' } })],
  'reasoning_summary_part.done': [
    THOUGHT,
    [summary('part.added', { part: { type: 'summary_text', text: '' } })],
    summary('part.done', { part: { type: 'summary_text', text: 'done' } }),
  ],
  'reasoning_summary_text.delta': [
    THOUGHT,
    [summary('part.added', { part: { type: 'summary_text', text: '' } })],
    summary('text.delta', { delta: 'x' }),
  ],
  'reasoning_summary_text.done': [
    THOUGHT,
    [summary('part.added', { part: { type: 'summary_text', text: '' } })],
    summary('text.done', { text: 'x' }),
  ],
  'function_call_arguments.delta': [FUNCTION, [], of('f', 'function_call_arguments.delta', { delta: '{' })],
  'function_call_arguments.done': [FUNCTION, [], of('f', 'function_call_arguments.done', { arguments: '{}', name: 'n' })],
  'custom_tool_call_input.delta': [CUSTOM, [], of('u', 'custom_tool_call_input.delta', { delta: 'x' })],
  'custom_tool_call_input.done': [CUSTOM, [], of('u', 'custom_tool_call_input.done', { input: 'x' })],
  'mcp_call_arguments.delta': [MCP, [], of('p', 'mcp_call_arguments.delta', { delta: 'x' })],
  'mcp_call_arguments.done': [MCP, [], of('p', 'mcp_call_arguments.done', { arguments: 'x' })],
  'mcp_call.in_progress': [MCP, [], of('p', 'mcp_call.in_progress')],
  'mcp_call.completed': [MCP, [], of('p', 'mcp_call.completed')],
  'mcp_call.failed': [MCP, [], of('p', 'mcp_call.failed')],
  'mcp_list_tools.in_progress': [LIST, [], of('l', 'mcp_list_tools.in_progress')],
  'mcp_list_tools.completed': [LIST, [], of('l', 'mcp_list_tools.completed')],
  'mcp_list_tools.failed': [LIST, [], of('l', 'mcp_list_tools.failed')],
  'code_interpreter_call_code.delta': [CODE, [], of('k', 'code_interpreter_call_code.delta', { delta: 'x' })],
  'code_interpreter_call_code.delta without code': [{ ...CODE, code: null }, [], of('k', 'code_interpreter_call_code.delta', { delta: 'x' })],
  'code_interpreter_call_code.done': [CODE, [], of('k', 'code_interpreter_call_code.done', { code: 'x' })],
  'code_interpreter_call.in_progress': [{ ...CODE, status: 'x' }, [], of('k', 'code_interpreter_call.in_progress')],
  'code_interpreter_call.interpreting': [CODE, [], of('k', 'code_interpreter_call.interpreting')],
  'code_interpreter_call.completed': [CODE, [], of('k', 'code_interpreter_call.completed')],
  'image_generation_call.in_progress': [{ ...IMAGE, status: 'x' }, [], of('i', 'image_generation_call.in_progress')],
  'image_generation_call.generating': [IMAGE, [], of('i', 'image_generation_call.generating')],
  'image_generation_call.completed': [IMAGE, [], of('i', 'image_generation_call.completed')],
  'image_generation_call.partial_image': [
    IMAGE,
    [],
    of('i', 'image_generation_call.partial_image', { partial_image_b64: 'QQ==', partial_image_index: 0 }),
  ],
  'file_search_call.in_progress': [{ ...FILES, status: 'x' }, [], of('s', 'file_search_call.in_progress')],
  'file_search_call.searching': [FILES, [], of('s', 'file_search_call.searching')],
  'file_search_call.completed': [FILES, [], of('s', 'file_search_call.completed')],
  'web_search_call.in_progress': [{ ...WEB, status: 'x' }, [], of('w', 'web_search_call.in_progress')],
  'web_search_call.searching': [WEB, [], of('w', 'web_search_call.searching')],
  'web_search_call.completed': [WEB, [], of('w', 'web_search_call.completed')],
  'compaction.compacting': [COMPACTION, [], of('z', 'compaction.compacting')],
  'shell_call_command.added': [SHELL, [], shell('added', { command: 'l' })],
  'shell_call_command.added late': [SHELL, [], shell('added', { command: 'l', command_index: 2 })],
  'shell_call_command.delta': [SHELL, [shell('added', { command: 'l' })], shell('delta', { delta: 's' })],
  'shell_call_command.done': [SHELL, [shell('added', { command: 'l' })], shell('done', { command: 'ls' })],
  'shell_call_output_content.delta': [SHELL_OUTPUT, [], output('delta', { delta: { stdout: 'x' } })],
  'shell_call_output_content.delta again': [
    SHELL_OUTPUT,
    [output('delta', { delta: { stdout: 'x' } })],
    output('delta', { delta: { stdout: 'y', stderr: 'z' } }),
  ],
  'shell_call_output_content.delta late': [SHELL_OUTPUT, [], output('delta', { delta: { stdout: 'x' }, command_index: 2 })],
  'shell_call_output_content.done': [
    SHELL_OUTPUT,
    [output('delta', { delta: { stdout: 'x' } })],
    output('done', { output: [{ stdout: 'x', stderr: '', outcome: { type: 'exit', exit_code: 0 } }] }),
  ],
  'output_item.done': [MESSAGE, [part(TEXT)], doneItem({ ...MESSAGE, status: 'completed', content: [{ ...TEXT, text: 'w' }] })],
  'output_item.done of another type': [MESSAGE, [], doneItem({ ...FUNCTION, id: 'm' })],
};

/** What can be wrong with an event: each changes a copy of it. */
const FAULTS = {
  'no item_id': (event) => delete event.item_id,
  'an empty item_id': (event) => (event.item_id = ''),
  'a number as item_id': (event) => (event.item_id = 5),
  'another item_id': (event) => (event.item_id = 'other'),
  'a later output_index': (event) => (event.output_index = 1),
  'a negative output_index': (event) => (event.output_index = -1),
  'a fraction as output_index': (event) => (event.output_index = 0.5),
  'a text as output_index': (event) => (event.output_index = '0'),
  'a name as output_index': (event) => (event.output_index = 'length'),
  'no output_index': (event) => delete event.output_index,
  ...Object.fromEntries(
    ['content_index', 'summary_index', 'annotation_index', 'command_index'].flatMap((name) => [
      [`a later ${name}`, (event) => (event[name] = 3)],
      [`a negative ${name}`, (event) => (event[name] = -1)],
      [`a text as ${name}`, (event) => (event[name] = '0')],
      [`a name as ${name}`, (event) => (event[name] = '__proto__')],
      [`no ${name}`, (event) => delete event[name]],
    ]),
  ),
  ...Object.fromEntries(
    ['delta', 'text', 'arguments', 'input', 'code', 'refusal', 'command', 'part', 'item', 'annotation', 'output', 'logprobs'].flatMap((name) => [
      [`no ${name}`, (event) => delete event[name]],
      [`null as ${name}`, (event) => (event[name] = null)],
      [`a number as ${name}`, (event) => (event[name] = 7)],
    ]),
  ),
};

function faulty() {
  const cases = {};
  for (const [name, [item, before, event]] of Object.entries(OF_ITEMS)) {
    for (const [fault, change] of Object.entries(FAULTS)) {
      const copy = structuredClone(event);
      change(copy);
      if (JSON.stringify(copy) !== JSON.stringify(event) && (!/^(no|null|a) .*/.test(fault) || fault.split(' ').at(-1) in event))
        cases[`${name} with ${fault}`] = [CREATED, added(item), ...before, copy];
    }
    for (const [other, wrong] of Object.entries(ALL_ITEMS)) {
      if (wrong.type !== item.type && before.length === 0)
        cases[`${name} on ${other}`] = [CREATED, added({ ...wrong, id: item.id }), event];
    }
  }
  return cases;
}

const bare = (name, rest = {}) => ({ type: name, sequence_number: 4, ...rest });

/** Event lists by what they are about. */
export const CASES = {
  ...Object.fromEntries(
    Object.entries(OF_ITEMS).map(([name, [item, before, event]]) => [name, [CREATED, added(item), ...before, event, event]]),
  ),
  ...faulty(),
  ...Object.fromEntries(
    Object.entries(OF_ITEMS).map(([name, [, , event]]) => [`${name} before anything`, [event]]),
  ),
  ...Object.fromEntries(
    ['queued', 'in_progress', 'completed', 'failed', 'incomplete', 'cancelled'].flatMap((name) => [
      [`${name} first`, [lifecycle(name)]],
      [`${name} after created`, [CREATED, added(MESSAGE), part(TEXT), text('x'), lifecycle(name, { status: name, output: [] })]],
      [`${name} of another response`, [CREATED, lifecycle(name, { id: 'resp_2' })]],
      [`${name} without a response`, [CREATED, { type: `response.${name}` }]],
      [`${name} without output`, [CREATED, lifecycle(name, { output: undefined })]],
      [`${name} with output_text of its own`, [CREATED, lifecycle(name, { output_text: 'mine', output: [{ ...MESSAGE, content: [{ ...TEXT, text: 'a' }] }] })]],
    ]),
  ),
  'created twice': [CREATED, added(MESSAGE), CREATED],
  'created with null': [{ ...CREATED, response: null }],
  'created without output': [{ ...CREATED, response: { id: 'r' } }],
  'created with text': [lifecycle('created', { output: [{ ...MESSAGE, content: [{ ...TEXT, text: 'a' }] }] }), text('b')],
  keepalive: [CREATED, bare('keepalive')],
  'keepalive first': [bare('keepalive')],
  'error event': [CREATED, bare('error', { message: 'no', code: 'c', param: null })],
  unknown: [CREATED, bare('response.secret.delta', { delta: 'secret' })],
  'no type': [CREATED, {}],
  'audio deltas': [CREATED, bare('response.audio.delta', { delta: 'QQ==' }), bare('response.audio.done'), bare('response.audio.transcript.delta', { delta: 'a' }), bare('response.audio.transcript.done')],
  'steer events': [CREATED, bare('response.steer.accepted', { steer: { id: 's', previous_response_id: 'r' } })],
  'an item at a later index': [CREATED, added(MESSAGE, 2)],
  'an item twice': [CREATED, added(MESSAGE), added(MESSAGE)],
  'an item of an unknown type': [CREATED, added({ type: 'brand_new', id: 'b' }), doneItem({ type: 'brand_new', id: 'b', done: true })],
  'items without ids': [CREATED, added({ ...MESSAGE, id: undefined }), doneItem({ ...MESSAGE, id: undefined, status: 'completed' })],
  'an item done that was never added': [CREATED, doneItem(MESSAGE)],
  'an item done with another id': [CREATED, added(MESSAGE), doneItem({ ...MESSAGE, id: 'other' })],
  'an item that is null': [CREATED, added(null)],
  'a part at an index in use': [CREATED, added(MESSAGE), part(TEXT), part(TEXT)],
  'a second part': [CREATED, added(MESSAGE), part(TEXT), text('a'), part(TEXT, 1), text('b', { content_index: 1 })],
  'two messages': [CREATED, added(MESSAGE), part(TEXT), text('a'), added({ ...MESSAGE, id: 'm2' }, 1), { ...part(TEXT, 0, 'm2'), output_index: 1 }, text('b', { item_id: 'm2', output_index: 1 }), text('c')],
  'text and a refusal': [CREATED, added(MESSAGE), part(TEXT), text('a'), part(REFUSAL, 1), of('m', 'refusal.delta', { content_index: 1, delta: 'no' })],
  'deltas on the wrong kind of part': [CREATED, added(MESSAGE), part(REFUSAL), text('a')],
  'reasoning text on a message': [CREATED, added(MESSAGE), part(REASONING_TEXT)],
  'a text part in reasoning': [CREATED, added(THOUGHT), part(TEXT, 0, 't')],
  'reasoning text without a part': [CREATED, added(THOUGHT), of('t', 'reasoning_text.delta', { content_index: 0, delta: 'x' })],
  'summary text without a part': [CREATED, added(THOUGHT), summary('text.delta', { delta: 'x' })],
  'a summary part twice': [CREATED, added(THOUGHT), summary('part.added', { part: { type: 'summary_text', text: '' } }), summary('part.added', { part: { type: 'summary_text', text: '' } })],
  'arguments that are not text so far': [CREATED, added({ ...FUNCTION, arguments: undefined }), of('f', 'function_call_arguments.delta', { delta: '{' })],
  'custom input that is not text so far': [CREATED, added({ ...CUSTOM, input: undefined }), of('u', 'custom_tool_call_input.delta', { delta: '{' })],
  'annotations that are missing': [CREATED, added(MESSAGE), part({ type: 'output_text', text: '' }), OF_ITEMS['output_text.annotation.added'][2]],
  ...Object.fromEntries(
    [
      [{ ...MESSAGE, id: undefined }],
      [{ ...MESSAGE, id: '' }],
      [{ ...FUNCTION, call_id: undefined }],
      [{ ...FUNCTION, call_id: '' }],
      [FUNCTION, { ...FUNCTION, id: 'f2' }],
      [FUNCTION, { ...CUSTOM, id: 'f' }],
      [{ id: 'a' }],
      [MESSAGE, MESSAGE],
      [{ type: 'computer_call', id: '' }],
      [null],
      [5],
    ].flatMap((items) => [
      [`items ${JSON.stringify(items)}`, [CREATED, ...items.map(added)]],
      [`a response of ${JSON.stringify(items)}`, [lifecycle('created', { output: items })]],
      [`a last response of ${JSON.stringify(items)}`, [CREATED, lifecycle('completed', { output: items })]],
      [`items on top of ${JSON.stringify(items)}`, [lifecycle('created', { output: items }), ...items.map((item, at) => added(item, items.length + at))]],
    ]),
  ),
  'many annotations': [
    CREATED,
    added(MESSAGE),
    part(TEXT),
    ...[0, 1, 2, 1].map((annotation_index) => of('m', 'output_text.annotation.added', { content_index: 0, annotation_index, annotation: { at: annotation_index } })),
  ],
};
