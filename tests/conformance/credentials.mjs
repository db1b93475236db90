// Makes the clients of cases about credentials: functions and providers that give what the case names by turns.

/**
 * @param root - The package.
 * @param given - `credentials` of a case.
 * @param options - Those of any client.
 */
export function make({ default: OpenAI, AzureOpenAI }, given, environment, options) {
  Object.assign(process.env, environment);
  try {
    const { apiKey, ...others } = options;
    if (given.function) return new OpenAI({ ...others, apiKey: byTurns(given.function) });
    if (given.azure) return new AzureOpenAI({ ...others, apiVersion: 'v', azureADTokenProvider: byTurns(given.azure) });
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

function byTurns(values) {
  const left = values.values();
  return async () => left.next().value;
}
