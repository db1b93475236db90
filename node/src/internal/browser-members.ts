/** What a browser can be told to do: part of the tool runners, by name and type only. */

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

/** All actions. */
export const BROWSER_MEMBERS: readonly BrowserMember[] = Object.freeze<BrowserMember[]>([
  'navigate',
  'read_page',
  'read_page_scoped',
  'read_diagnostics',
  'run_script',
  'upload_file',
  'download_file',
  'get_page_text',
  'find',
  'click',
  'click_at',
  'drag_path',
  'hold_keys',
  'type',
  'key',
  'scroll',
  'scroll_to',
  'wait_for',
  'select_option',
  'hover',
  'hover_at',
  'set_checked',
  'screenshot',
  'zoom',
  'new_tab',
  'list_tabs',
  'switch_tab',
  'close_tab',
]);

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
