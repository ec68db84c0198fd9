// Requests to the admin API. Every failure becomes an ApiError with a sentence that can be shown.

import { getToken } from './token.js';

/** Why a request was not done. */
export class ApiError extends Error {
  /**
   * @param {number} status the answer's; 0 when there was none
   * @param {string} message one sentence
   * @param {Object<string, string[]>} fields what is wrong with which field
   */
  constructor(status, message, fields = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** Called when the API wants a token that it has not got; set by the application. */
export const onUnauthorized = { handler: () => {} };

/** The headers of every request. */
export function headers(more = {}) {
  const token = getToken();
  return token ? { ...more, Authorization: `Bearer ${token}` } : more;
}

/**
 * Sends a request and gives what came.
 * @param {string} method
 * @param {string} path from `/v1` on
 * @param {{body?: object, ifMatch?: string, ifNoneMatch?: string, idempotencyKey?: string}} options
 * @returns {Promise<{data: any, etag: string|null}>}
 */
export async function request(method, path, options = {}) {
  const head = headers({ Accept: 'application/json' });
  if (options.body !== undefined)
    head['Content-Type'] = 'application/json';
  if (options.ifMatch)
    head['If-Match'] = options.ifMatch;
  if (options.ifNoneMatch)
    head['If-None-Match'] = options.ifNoneMatch;
  if (options.idempotencyKey)
    head['Idempotency-Key'] = options.idempotencyKey;
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: head,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    });
  } catch {
    throw new ApiError(0, 'The coordinator does not answer. Check that it runs and that the network reaches it.');
  }
  if (!response.ok)
    throw await failure(response);
  const text = await response.text();
  try {
    return { data: text ? JSON.parse(text) : null, etag: response.headers.get('ETag') };
  } catch {
    throw new ApiError(response.status, 'The answer is not what the admin API gives. Is something else in between?');
  }
}

/** What an answer that is not a success says. */
export async function failure(response) {
  let problem = null;
  try {
    problem = await response.json();
  } catch {
    // Something between that knows no problem details; the status alone has to do.
  }
  if (response.status === 401)
    onUnauthorized.handler();
  const words = {
    401: 'A token is wanted.',
    403: 'The token\u2019s role does not allow this.',
    404: 'There is no such thing.',
    412: 'It was changed by somebody else since it was read.',
    429: 'Too many requests. Try again in a moment.',
    503: 'The fleet cannot be asked at the moment.',
  };
  const message = problem?.detail || problem?.title || words[response.status]
    || `The coordinator answered with status ${response.status}.`;
  return new ApiError(response.status, message, problem?.errors ?? {});
}
