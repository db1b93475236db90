/** What a driver returns, as it is told: only what is declared. */

import { detached } from '../detached.js';
import type { BrowserMember } from './members.js';
import { insist, members } from './state.js';
import { isSized, isUnicode } from './text.js';

type Members = Record<string, unknown>;

/** In bytes of UTF-8. */
const NAME_BYTES = 256;
const VALUE_BYTES = 512;

const ROLES: readonly unknown[] = ['button', 'textbox', 'combobox', 'checkbox', 'radio', 'slider', 'listbox'];
const OMISSIONS: readonly unknown[] = [
  'report_limit',
  'text_limit',
  'target_limit',
  'work_limit',
  'frame_limit',
  'unsupported_root',
  'unsupported_control',
  'remote_action',
  'private',
  'value',
  'name_limit',
];

/** What a transfer of a file did, by how it ended. */
const EFFECTS: Record<string, readonly unknown[]> = {
  completed: ['completed'],
  refused: ['none'],
  unknown: ['unknown'],
  interrupted: ['none', 'unknown'],
};
const CLEANUPS: readonly unknown[] = ['not_started', 'pending', 'completed'];

const IMAGE_MEMBERS = ['type', 'detail', 'image_url', 'file_id', 'prompt_cache_breakpoint'];
const DETAILS: readonly unknown[] = [undefined, null, 'low', 'high', 'auto', 'original'];

const READ = 'Browser read report failed.';
const FILE = 'Browser file result failed.';
const SOURCE = 'must return an input_image with at least one valid image_url or file_id.';
const ACTION: [(value: unknown) => unknown, string] = [said, 'Browser actions must return a string, null, or undefined.'];

const RESULTS: Partial<Record<BrowserMember, [(value: unknown) => unknown, string]>> = {
  read_page: [rich, READ],
  find: [rich, READ],
  get_page_text: [withoutTargets, READ],
  read_page_scoped: [scoped, 'Browser scoped read report failed.'],
  read_diagnostics: [(value) => withoutTargets(members(value)), READ],
  run_script: [script, 'Browser script result failed.'],
  screenshot: [image, `Browser screenshot ${SOURCE}`],
  zoom: [image, `Browser zoom ${SOURCE}`],
  upload_file: [file, FILE],
  download_file: [file, FILE],
};

/** What an action returned as it is told, or why it cannot be. */
export function ownResult(member: BrowserMember, value: unknown): { result?: unknown; failure?: string } {
  const [read, failure] = RESULTS[member] ?? ACTION;
  try {
    return { result: read(value) };
  } catch {
    // A driver's own object may throw anything, with data in it.
    return { failure };
  }
}

function said(value: unknown): unknown {
  insist(value === undefined || value === null || typeof value === 'string');
  return value;
}

function rich(value: unknown): unknown {
  return value === undefined || value === null || typeof value === 'string' ? value : report(value);
}

function withoutTargets(value: unknown): unknown {
  const own = rich(value);
  insist(typeof own !== 'object' || own === null || (own as { elements: unknown[] }).elements.length === 0);
  return own;
}

function report(value: unknown): Members & { elements: Members[] } {
  const { version, text, elements: given, omitted: reasons } = members(value);
  insist(version === 1 && isUnicode(text) && Array.isArray(given) && Array.isArray(reasons));
  const elements = [...(given as unknown[])].map(element);
  const omitted = [...(reasons as unknown[])];
  insist(new Set(elements.map(({ ref }) => ref)).size === elements.length);
  insist(omitted.every((reason) => OMISSIONS.includes(reason)) && new Set(omitted).size === omitted.length);
  return { version, text, elements, omitted };
}

function scoped(value: unknown): Members {
  const { scopes: given } = members(value);
  insist(Array.isArray(given));
  const own = report(value);
  const scopes = [...(given as unknown[])].map((scope) => {
    const { ref, label } = members(scope);
    insist(isSized(ref, 1, NAME_BYTES) && isSized(label, 1, NAME_BYTES));
    return { ref, label };
  });
  const refs = [...scopes, ...own.elements].map(({ ref }) => ref);
  insist(new Set(refs).size === refs.length);
  return { ...own, scopes };
}

function element(given: unknown): Members {
  const { ref, role, label, value, options, checked } = members(given);
  insist(isSized(ref, 1, NAME_BYTES) && isSized(label, 1, NAME_BYTES) && ROLES.includes(role));
  const own: Members = { ref, role, label };
  if (value !== undefined) {
    insist(isSized(value, 0, VALUE_BYTES));
    own.value = value;
  }
  if ((role === 'checkbox' || role === 'radio') && checked !== undefined) {
    insist(typeof checked === 'boolean');
    own.checked = checked;
  }
  if (options !== undefined) {
    insist(Array.isArray(options));
    own.options = [...(options as unknown[])].map((each) => option(each, role === 'listbox'));
  }
  return own;
}

function option(given: unknown, isListed: boolean): Members {
  const { label, value, selected } = members(given);
  insist(isSized(label, 1, NAME_BYTES) && isSized(value, 0, VALUE_BYTES));
  if (!isListed || selected === undefined) return { label, value };
  insist(typeof selected === 'boolean');
  return { label, value, selected };
}

function script(value: unknown): unknown {
  insist(isUnicode(value));
  return value;
}

function file(value: unknown): Members {
  const { version, status, effect, cleanup, ...others } = members(value);
  insist(version === 1 && Object.keys(others).length === 0 && CLEANUPS.includes(cleanup));
  insist(typeof status === 'string' && Object.hasOwn(EFFECTS, status) && EFFECTS[status]?.includes(effect) === true);
  return { version, status, effect, cleanup };
}

function image(value: unknown): Members {
  const given = members(value);
  insist(Object.keys(given).every((name) => IMAGE_MEMBERS.includes(name)) && given.type === 'input_image');
  const own = detached(Object.fromEntries(IMAGE_MEMBERS.filter((name) => name in given).map((name) => [name, given[name]])));
  const sources = [own.image_url, own.file_id].filter((source) => source !== undefined && source !== null);
  insist(sources.length > 0 && sources.every((source) => typeof source === 'string' && source.trim() !== ''));
  insist(DETAILS.includes(own.detail));
  const point = own.prompt_cache_breakpoint ?? undefined;
  if (point !== undefined) insist(JSON.stringify(members(point)) === '{"mode":"explicit"}');
  return own;
}
