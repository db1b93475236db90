/** What a browser can be told to do, what a model is told of it, and the arguments that each action takes. */

import type { FunctionTool } from '../../resources/responses/responses.js';
import { FIELDS } from './fields.js';

/** The kinds of arguments, and what stands for them. */
export interface FieldValues {
  text: string;
  optionalText: string | null;
  strings: string[];
  filter: 'all' | 'interactive';
  direction: 'up' | 'down' | 'left' | 'right';
  amount: number;
  timeout: number;
  region: [number, number, number, number];
  visibleText: string;
  coordinate: number;
  checked: boolean;
  button: 'left' | 'right' | 'middle';
  clickCount: 1 | 2 | 3;
  modifiers: ('Control' | 'Alt' | 'Meta' | 'Shift')[];
  path: {
    x: number;
    y: number;
  }[];
  heldKeys: string[];
  holdDuration: number;
  scope: string | null;
  depth: number;
  diagnosticSource: 'console' | 'network';
  diagnosticLimit: number;
  script: string;
  fileGrant: string;
}

/** The kind of a single argument. */
export type Field = keyof FieldValues;

/** The arguments of each action, by kind. */
export interface MemberFields {
  navigate: { url: 'text'; tab_id: 'optionalText' };
  read_page: { tab_id: 'optionalText'; filter: 'filter' };
  read_page_scoped: { tab_id: 'optionalText'; root: 'scope'; depth: 'depth'; filter: 'filter' };
  read_diagnostics: { tab_id: 'optionalText'; source: 'diagnosticSource'; limit: 'diagnosticLimit' };
  run_script: { tab_id: 'optionalText'; source: 'script'; timeout_ms: 'timeout' };
  upload_file: { grant_id: 'fileGrant' };
  download_file: { grant_id: 'fileGrant' };
  get_page_text: { tab_id: 'optionalText' };
  find: { query: 'text'; tab_id: 'optionalText' };
  click: { target: 'text'; tab_id: 'optionalText' };
  click_at: {
    tab_id: 'optionalText';
    x: 'coordinate';
    y: 'coordinate';
    button: 'button';
    click_count: 'clickCount';
    keys: 'modifiers';
  };
  drag_path: { tab_id: 'optionalText'; path: 'path'; keys: 'modifiers' };
  hold_keys: { tab_id: 'optionalText'; keys: 'heldKeys'; duration_ms: 'holdDuration' };
  type: { text: 'text'; target: 'optionalText'; tab_id: 'optionalText' };
  key: { keys: 'strings'; tab_id: 'optionalText' };
  scroll: { direction: 'direction'; amount: 'amount'; tab_id: 'optionalText' };
  scroll_to: { target: 'text'; tab_id: 'optionalText' };
  wait_for: { text: 'visibleText'; timeout_ms: 'timeout'; tab_id: 'optionalText' };
  select_option: { target: 'text'; values: 'strings'; tab_id: 'optionalText' };
  hover: { target: 'text'; tab_id: 'optionalText' };
  hover_at: { tab_id: 'optionalText'; x: 'coordinate'; y: 'coordinate' };
  set_checked: { tab_id: 'optionalText'; target: 'text'; checked: 'checked' };
  screenshot: { tab_id: 'optionalText' };
  zoom: { tab_id: 'optionalText'; region: 'region' };
  new_tab: { url: 'optionalText' };
  list_tabs: {};
  switch_tab: { tab_id: 'text' };
  close_tab: { tab_id: 'text' };
}

/** An action. */
export type BrowserMember = keyof MemberFields;

/** What a model is told of each action, word for word as by the official package, and its arguments. */
const MEMBERS: { [M in BrowserMember]: readonly [string, MemberFields[M]] } = {
  navigate: ['Navigate a tab to a URL.', { url: 'text', tab_id: 'optionalText' }],
  read_page: ['Read page structure and opaque interactive element refs.', { tab_id: 'optionalText', filter: 'filter' }],
  read_page_scoped: ['Read within an observed section, or discover sections with a null root. Depth counts DOM levels.', { tab_id: 'optionalText', root: 'scope', depth: 'depth', filter: 'filter' }],
  read_diagnostics: ['Read a bounded, driver-filtered console or network summary. Requires approval.', { tab_id: 'optionalText', source: 'diagnosticSource', limit: 'diagnosticLimit' }],
  run_script: ['Run an approved script in an explicitly allowed page. Returns text.', { tab_id: 'optionalText', source: 'script', timeout_ms: 'timeout' }],
  upload_file: ['Upload a caller-approved file using its task-scoped grant. Requires separate file approval.', { grant_id: 'fileGrant' }],
  download_file: ['Retrieve a caller-approved file using its task-scoped grant. Requires separate file approval.', { grant_id: 'fileGrant' }],
  get_page_text: ['Read visible page text.', { tab_id: 'optionalText' }],
  find: ['Find page elements by text or description.', { query: 'text', tab_id: 'optionalText' }],
  click: ['Click an element by its opaque ref.', { target: 'text', tab_id: 'optionalText' }],
  click_at: ['Click full-viewport CSS coordinates with a button, click count, and held modifiers.', { tab_id: 'optionalText', x: 'coordinate', y: 'coordinate', button: 'button', click_count: 'clickCount', keys: 'modifiers' }],
  drag_path: ['Drag the left button through 2 to 100 full-viewport CSS points with held modifiers.', { tab_id: 'optionalText', path: 'path', keys: 'modifiers' }],
  hold_keys: ['Hold driver-supported keys for at most 3000 milliseconds, then release them.', { tab_id: 'optionalText', keys: 'heldKeys', duration_ms: 'holdDuration' }],
  type: ['Fill a referenced control or type at the current focus.', { text: 'text', target: 'optionalText', tab_id: 'optionalText' }],
  key: ['Press a key combination.', { keys: 'strings', tab_id: 'optionalText' }],
  scroll: ['Scroll the page in the given direction.', { direction: 'direction', amount: 'amount', tab_id: 'optionalText' }],
  scroll_to: ['Scroll an already observed target into view. Read again before acting.', { target: 'text', tab_id: 'optionalText' }],
  wait_for: ['Wait for reported visible text, within a bounded timeout in milliseconds.', { text: 'visibleText', timeout_ms: 'timeout', tab_id: 'optionalText' }],
  select_option: ['Select values in a referenced select control.', { target: 'text', values: 'strings', tab_id: 'optionalText' }],
  hover: ['Hover over a referenced element.', { target: 'text', tab_id: 'optionalText' }],
  hover_at: ['Move the pointer to full-viewport CSS coordinates without pressing a button.', { tab_id: 'optionalText', x: 'coordinate', y: 'coordinate' }],
  set_checked: ['Set an observed checkbox to the requested state. Repeating the same value does not toggle it.', { tab_id: 'optionalText', target: 'text', checked: 'checked' }],
  screenshot: ['Capture the visible tab as an image.', { tab_id: 'optionalText' }],
  zoom: ['Capture a region [x0,y0,x1,y1]. Subsequent coordinates stay in the full viewport.', { tab_id: 'optionalText', region: 'region' }],
  new_tab: ['Open a tab, optionally at a URL.', { url: 'optionalText' }],
  list_tabs: ['List tabs, titles, URLs and active tab.', {}],
  switch_tab: ['Activate a tab.', { tab_id: 'text' }],
  close_tab: ['Close a tab.', { tab_id: 'text' }],
};

/** All actions. */
export const BROWSER_MEMBERS: readonly BrowserMember[] = Object.freeze(Object.keys(MEMBERS) as BrowserMember[]);

/** The actions that are offered unless a caller picks others. */
export const DEFAULT_BROWSER_MEMBERS: readonly BrowserMember[] = Object.freeze<BrowserMember[]>([
  'navigate',
  'read_page',
  'get_page_text',
  'find',
  'click',
  'type',
  'key',
  'scroll',
  'scroll_to',
  'wait_for',
  'select_option',
  'hover',
  'screenshot',
  'zoom',
  'new_tab',
  'list_tabs',
  'switch_tab',
  'close_tab',
]);

/** Actions that change nothing, and that nobody has to confirm. */
export const READ_ONLY: ReadonlySet<unknown> = new Set<BrowserMember>([
  'read_page',
  'get_page_text',
  'find',
  'screenshot',
  'zoom',
  'list_tabs',
  'wait_for',
  'read_page_scoped',
]);

/** Actions that go to an address. */
export const NAVIGATIONS: ReadonlySet<unknown> = new Set<BrowserMember>(['navigate', 'new_tab']);

/** The kinds of the arguments of an action, by their names. */
export function fieldsOf(member: BrowserMember): Readonly<Record<string, Field>> {
  return MEMBERS[member][1];
}

/** The declaration of an action; nobody else has it. */
export function toolOf(member: BrowserMember): FunctionTool {
  const [description] = MEMBERS[member];
  const fields = Object.entries(fieldsOf(member));
  const properties = Object.fromEntries(fields.map(([name, field]) => [name, structuredClone(FIELDS[field].schema)]));
  const parameters = { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
  return { type: 'function', name: `browser_${member}`, description, strict: true, parameters };
}
