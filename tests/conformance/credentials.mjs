// Makes the clients of cases about credentials: functions and providers that give what the case names by turns.

/**
 * @param root - The package.
 * @param place - The URL of its entry.
 * @param given - `credentials` of a case.
 * @param options - Those of any client.
 */
export async function make({ default: OpenAI, AzureOpenAI }, place, given, environment, options) {
  Object.assign(process.env, environment);
  try {
    const { apiKey, ...others } = options;
    if (given.function) return new OpenAI({ ...others, apiKey: byTurns(given.function) });
    if (given.azure) return new AzureOpenAI({ ...others, apiVersion: 'v', azureADTokenProvider: byTurns(given.azure) });
    if (given.bedrock) {
      const { tokens, ...made } = Object.fromEntries(Object.entries(given.bedrock).map(([name, value]) => [camel(name), value]));
      if (tokens !== undefined) made.tokenProvider = byTurns(tokens);
      const { apiKey: _, baseURL, ...more } = options;
      const path = made.accessKeyId === undefined ? 'providers/bedrock' : 'providers/bedrock/aws';
      const { bedrock } = await import(place.replace(/index(\.m?js)$/, `${path}$1`));
      return new OpenAI({ provider: bedrock({ baseURL, ...made }), ...more });
    }
    if (given.residency) {
      const { baseURL, ...more } = options;
      return new OpenAI({ dataResidency: given.residency, fetch: carrying(baseURL), ...more });
    }
    if (given.workload) {
      let count = 0;
      const provider = { tokenType: 'jwt', getToken: async () => `subject-${++count}` };
      const workloadIdentity = { identityProviderId: 'idp', serviceAccountId: 'sa', provider };
      const client = new OpenAI({ ...others, workloadIdentity });
      client._workloadIdentityAuth.tokenExchangeUrl = `${options.baseURL}/token`;
      return client;
    }
    return new OpenAI({ ...options, ...(given.admin_key && { adminAPIKey: given.admin_key }) });
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name];
  }
}

/** A `fetch` that takes what is for an origin of the API to `baseURL`, and says which one it was. */
function carrying(baseURL) {
  return (url, init) => {
    const { origin, pathname, search } = new URL(url);
    const headers = new Headers(init.headers);
    headers.set('x-sent-to', origin);
    return fetch(baseURL + pathname.replace(/^\/v1/, '') + search, { ...init, headers });
  };
}

function camel(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}

function byTurns(values) {
  const left = values.values();
  return async () => left.next().value;
}
