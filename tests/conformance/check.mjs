// Compares what a case expects with what a subject and the server saw. `check.py` is its twin.

/** `official-node` and `node` are both Node. */
export function languageOf(subject) {
  return subject.includes('node') ? 'node' : subject.includes('rust') ? 'rust' : 'python';
}

/** Chooses the side of every `$by` that is for this subject; one without such a side vanishes. */
export function resolve(value, subject) {
  if (Array.isArray(value)) return value.map((part) => resolve(part, subject));
  if (!isObject(value)) return value;
  const resolved = {};
  for (let [key, part] of Object.entries(value)) {
    if (isObject(part) && '$by' in part) {
      const names = [subject, subject.replace(/^official-/, ''), languageOf(subject), 'default'];
      const chosen = names.find((name) => name in part.$by);
      if (chosen === undefined) continue;
      part = part.$by[chosen];
    }
    resolved[key] = resolve(part, subject);
  }
  return resolved;
}

/** Lists what differs. `testCase` was resolved before. An empty list is a pass. */
export function check(testCase, outcome, requests, connections) {
  const problems = [];
  if (!outcome) {
    problems.push('the case did not end in time');
  } else {
    testCase.calls.forEach((call, number) => {
      const at = testCase.calls.length > 1 ? `calls[${number}]` : 'call';
      checkCall(call.expect, outcome.calls[number], at, problems);
    });
  }
  checkWire(testCase.wire ?? {}, requests, connections, problems);
  return problems;
}

function checkCall(expect, outcome, at, problems) {
  if ('error' in expect) {
    checkError(expect.error, outcome.error, `${at}.error`, problems);
  } else if (outcome.error) {
    problems.push(`${at}: raised ${outcome.error.class}: ${outcome.error.message}`);
  }
  if ('result' in expect) match(expect.result, outcome.result, `${at}.result`, problems);
  if ('request_id' in expect) match(expect.request_id, outcome.request_id, `${at}.request_id`, problems);
  if ('events' in expect) match(expect.events, outcome.events, `${at}.events`, problems);
  if ('event_count' in expect) match(expect.event_count, outcome.events.length, `${at}.event_count`, problems);
  if ('again' in expect) match(expect.again, outcome.again, `${at}.again`, problems);
  if ('ended_cleanly' in expect) {
    match(expect.ended_cleanly, outcome.ended_cleanly, `${at}.ended_cleanly`, problems);
  }
  if ('took_ms' in expect) within(expect.took_ms, outcome.took_ms, `${at}.took_ms`, problems);
}

function checkError(expect, error, at, problems) {
  if (!error) {
    problems.push(`${at}: nothing was thrown, expected ${JSON.stringify(expect)}`);
    return;
  }
  const { message_has = [], is_a, ...fields } = expect;
  for (const part of message_has) {
    if (!error.message.includes(part)) problems.push(`${at}.message: '${part}' is not in '${error.message}'`);
  }
  if (is_a && !error.classes.includes(is_a)) problems.push(`${at}: ${is_a} is not among ${error.classes}`);
  match(fields, error, at, problems);
}

function checkWire(wire, requests, connections, problems) {
  if ('request_count' in wire) match(wire.request_count, requests.length, 'wire.request_count', problems);
  if ('requests' in wire) {
    match(wire.requests.length, requests.length, 'wire.requests.length', problems);
    wire.requests.slice(0, requests.length).forEach((expect, number) => {
      checkRequest(expect, requests[number], `wire.requests[${number}]`, problems);
    });
  }
  (wire.waited_ms ?? []).forEach((limits, number) => {
    const at = `wire.waited_ms[${number}]`;
    if (number + 1 >= requests.length) problems.push(`${at}: there is no request ${number + 2}`);
    else within(limits, requests[number + 1].at_ms - endOf(requests[number]), at, problems);
  });
  if ('connections' in wire) {
    const used = new Set(requests.map((request) => request.connection)).size;
    match(wire.connections, used, 'wire.connections', problems);
  }
  if ('opened' in wire) match(wire.opened, connections.length, 'wire.opened', problems);
  const last = requests.at(-1);
  if ('closed_ms' in wire) {
    if (typeof last?.client_closed_ms !== 'number') {
      problems.push('wire.closed_ms: the client did not close the connection');
    } else {
      const held = last.client_closed_ms - (last.last_write_ms ?? last.at_ms);
      within(wire.closed_ms, held, 'wire.closed_ms', problems);
    }
  }
  if ('sent_bytes' in wire) within(wire.sent_bytes, last?.sent_bytes ?? -1, 'wire.sent_bytes', problems);
}

function checkRequest(expect, request, at, problems) {
  for (const key of ['method', 'path', 'query']) {
    if (key in expect) match(expect[key], request[key], `${at}.${key}`, problems);
  }
  for (const [name, value] of Object.entries(expect.headers ?? {})) {
    const received = request.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase());
    const joined = received.length > 0 ? received.map(([, text]) => text).join(', ') : null;
    match(value, joined, `${at}.headers.${name}`, problems);
  }
  if ('body' in expect) match(expect.body, JSON.parse(request.body), `${at}.body`, problems);
  if ('body_text' in expect) match(expect.body_text, request.body, `${at}.body_text`, problems);
}

/** When the exchange was over: answered, or left by the client. */
function endOf(request) {
  return request.client_closed_ms ?? request.answered_ms ?? request.at_ms;
}

function within([least, most], value, at, problems) {
  if (!(value >= least && value <= most)) {
    problems.push(`${at}: ${Number(value).toFixed(1)} is not within ${least} and ${most}`);
  }
}

/** `expect` is a part of `value`: fields of objects may be more, lists are whole, null is null or absent. */
function match(expect, value, at, problems) {
  if (isObject(expect) && '$has' in expect) {
    if (typeof value !== 'string' || !value.includes(expect.$has)) {
      problems.push(`${at}: '${expect.$has}' is not in ${JSON.stringify(value)}`);
    }
  } else if (isObject(expect) && '$null' in expect) {
    if (value !== null) problems.push(`${at}: expected a null that is there`);
  } else if (isObject(expect) && '$any' in expect) {
    if (value === null || value === undefined) problems.push(`${at}: is absent`);
  } else if (isObject(expect)) {
    if (!isObject(value)) {
      problems.push(`${at}: expected an object, got ${JSON.stringify(value)}`);
      return;
    }
    for (const [key, part] of Object.entries(expect)) match(part, value[key], `${at}.${key}`, problems);
  } else if (Array.isArray(expect)) {
    if (!Array.isArray(value) || expect.length !== value.length) {
      problems.push(`${at}: expected ${JSON.stringify(expect)}, got ${JSON.stringify(value)}`);
      return;
    }
    expect.forEach((part, number) => match(part, value[number], `${at}[${number}]`, problems));
  } else if (expect !== (value ?? null)) {
    problems.push(`${at}: expected ${JSON.stringify(expect)}, got ${JSON.stringify(value)}`);
  }
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
