// Lists that come page by page: with both packages where the official one is installed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pagination from '../../node/dist/esm/pagination.js';
import { official, recorder, sideBySide, thrown } from './recorder.mjs';
import { OpenAI } from './support.mjs';
import { createRequire } from 'node:module';

const theirs = official && createRequire(`${process.env.TAILRACE_OFFICIAL_NODE_MODULES}/x.js`)('openai/pagination');
const KINDS = ['Page', 'CursorPage', 'ConversationCursorPage', 'NextCursorPage', 'TokenPage'];

/** Three pages of two items, as every kind of list tells where the next one begins. */
const threePages =
  () =>
  ({ number }) => ({
    object: 'list',
    data: number < 3 ? [{ id: `a${number}` }, { id: `b${number}` }] : [{ id: 'z' }],
    has_more: number < 3,
    last_id: number < 3 ? `b${number}` : 'z',
    next: number < 3 ? `n${number}` : null,
  });

const classOf = (root, kind) => (official && root === official ? theirs : pagination)[kind];

for (const kind of KINDS) {
  sideBySide(`${kind}: items, pages and requests`, {
    answer: threePages,
    async scenario({ client, root }) {
      const list = () =>
        client.getAPIList('/things?y=1', classOf(root, kind), { query: { limit: 2, order: undefined } });
      const ids = [];
      for await (const item of list()) ids.push(item.id);
      const page = await list();
      const first = { keys: Object.keys(page), more: page.hasNextPage(), next: page.nextPageRequestOptions() };
      return { ids, ...first, name: page.constructor.name, id: page._request_id };
    },
    check({ ids, more }, requests) {
      assert.deepEqual(ids, kind === 'Page' ? ['a1', 'b1'] : ['a1', 'b1', 'a2', 'b2', 'z']);
      assert.equal(more, false, 'the list was read to its end before');
      assert.equal(requests.length, kind === 'Page' ? 2 : 4);
      const parameter = { NextCursorPage: 'after=n1', TokenPage: 'page=n1' }[kind] ?? 'after=b1';
      if (kind !== 'Page') assert.equal(requests[1].url, `/v1/things?y=1&limit=2&${parameter}`);
    },
  });

  sideBySide(`${kind}: odd bodies`, {
    answer: () => {
      const bodies = ODD.map((body) => JSON.stringify(body));
      return ({ number }) => ({ body: bodies[number - 1] });
    },
    async scenario({ client, root }) {
      const seen = [];
      for (const body of ODD) {
        const page = await client.getAPIList('/t', classOf(root, kind)).catch((error) => error.constructor.name);
        if (typeof page === 'string') {
          seen.push([body, page]);
          continue;
        }
        const { data, has_more, last_id, next } = page;
        seen.push([body, data, has_more, last_id, next, page.hasNextPage(), page.nextPageRequestOptions()]);
      }
      return seen;
    },
    check(seen) {
      assert.equal(seen.length, ODD.length);
      assert.deepEqual(seen[0][1], []);
    },
  });
}

const ODD = [
  {},
  { data: null },
  [1],
  'x',
  null,
  { data: [{ id: null }], has_more: true },
  { data: [{}] },
  { data: [{ id: 'q' }] },
  { data: [null], has_more: true },
  { data: [], has_more: true, next: 'n', last_id: 'l' },
  { data: [{ id: 'q' }], has_more: false, next: 'n', last_id: 'l' },
];

sideBySide('a page that has no next one says what to ask first', {
  answer: () => () => ({ data: [] }),
  scenario: async ({ client }) => thrown((await client.files.list()).getNextPage()),
  check: ([name, message]) => {
    assert.equal(name, 'OpenAIError');
    assert.match(message, /hasNextPage/);
  },
});

sideBySide('a failing page ends the iteration with its error, after the items before it', {
  answer: () => (request) => (request.number === 1 ? threePages()(request) : { status: 500, body: { error: {} } }),
  async scenario({ client }) {
    const ids = [];
    const error = await thrown(
      (async () => {
        for await (const item of client.files.list({ limit: 2 }, { headers: { 'X-Q': '1' } })) ids.push(item.id);
      })(),
    );
    return { ids, error };
  },
  check: ({ ids, error }, requests) => {
    assert.deepEqual(ids, ['a1', 'b1']);
    assert.equal(error[0], 'InternalServerError');
    assert.deepEqual(
      requests.map(({ headers }) => headers['x-q']),
      ['1', '1'],
    );
  },
});

sideBySide('lists of methods: post, options alone, and the page with its response', {
  answer: threePages,
  async scenario({ client }) {
    const found = await client.vectorStores.search('vs', { query: 'q' });
    const { data, response, request_id } = await client.models.list({ headers: { 'X-Q': '2' } }).withResponse();
    const pages = [];
    for await (const page of (await client.batches.list({ limit: 2 })).iterPages()) pages.push(page.data.length);
    return [found.constructor.name, data.constructor.name, response.status, request_id, pages];
  },
  check: ([found, models, status, id]) => assert.deepEqual([found, models, status, id], ['Page', 'Page', 200, 'req_1']),
});

test('leaving the loop asks for no more pages', async () => {
  const { baseURL, requests } = await recorder(threePages());
  const client = new OpenAI({ apiKey: 'k', baseURL });
  for await (const item of client.files.list()) if (item.id === 'b1') break;
  assert.equal(requests.length, 1);
});
