// The routes of the admin API that the dashboard uses, one function each.

import { request } from './client.js';

const get = async path => (await request('GET', path)).data;
const part = encodeURIComponent;

/** A key that makes a repeated request harmless. */
export const newKey = () => crypto.randomUUID();

/** Everything of a paged list, up to a bound that keeps a page of a browser usable; `isCut` says whether there is more. */
async function all(path, bound) {
  const items = [];
  let cursor = null;
  do {
    const page = await get(`${path}?limit=1000${cursor ? `&cursor=${part(cursor)}` : ''}`);
    items.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor && items.length < bound);
  return Object.assign(items, { isCut: cursor !== null });
}

/** Whose token it is, and its role. */
export const getCaller = () => get('/v1/caller');

/** The last thousand events and actions that the fleet keeps, newest first, and what is not among them. */
export const getHistory = () => get('/v1/events/history?limit=1000');

export const getOverview = () => get('/v1/fleet');
export const getStats = windowSeconds => get(`/v1/stats?window=${windowSeconds}`);

export const listNodes = () => all('/v1/nodes', 10_000);
export const getNode = id => get(`/v1/nodes/${part(id)}`);
/** How it went at a node within so many seconds: 60 to 7200. */
export const getNodeHistory = (id, windowSeconds) => get(`/v1/nodes/${part(id)}/history?window=${windowSeconds}`);
export const drainNode = async (id, body, idempotencyKey) =>
  (await request('POST', `/v1/nodes/${part(id)}/drain`, { body, idempotencyKey })).data;
export const undrainNode = async (id, idempotencyKey) =>
  (await request('POST', `/v1/nodes/${part(id)}/undrain`, { idempotencyKey })).data;

export const listDrains = (limit = 100, cursor = null) =>
  get(`/v1/drains?limit=${limit}${cursor ? `&cursor=${part(cursor)}` : ''}`);
export const getDrain = id => get(`/v1/drains/${part(id)}`);
export const startDrain = async (body, idempotencyKey) =>
  (await request('POST', '/v1/drains', { body, idempotencyKey })).data;
export const cancelDrain = async id => (await request('DELETE', `/v1/drains/${part(id)}`)).data;

/** @param {{node?: string, identity?: string, egress?: string, cursor?: string}} query */
export function listSessions(query, limit = 100) {
  const search = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries(query)) {
    if (value)
      search.set(name, value);
  }
  return get(`/v1/sessions?${search}`);
}
export const getSession = id => get(`/v1/sessions/${part(id)}`);
export const endSession = async id => (await request('DELETE', `/v1/sessions/${part(id)}`)).data;

export const listPools = () => all('/v1/prefix-pools', 5000);
/** A pool with the ETag that a change of it has to name. */
export const getPool = name => request('GET', `/v1/prefix-pools/${part(name)}`);
export const putPool = async (name, body, etag) => (await request('PUT', `/v1/prefix-pools/${part(name)}`,
  etag ? { body, ifMatch: etag } : { body, ifNoneMatch: '*' })).data;
export const deletePool = (name, etag) => request('DELETE', `/v1/prefix-pools/${part(name)}`, { ifMatch: etag });
export const listLeases = pool => all(`/v1/prefix-pools/${part(pool)}/leases`, 5000);
export const revokeLease = async (pool, prefix) =>
  (await request('DELETE', `/v1/prefix-pools/${part(pool)}/leases/${part(prefix)}`)).data;

export const listLimits = () => all('/v1/limits', 5000);
/** A limit with the ETag that a change of it has to name. */
export const getLimit = identity => request('GET', `/v1/limits/${part(identity)}`);
export const putLimit = async (identity, body, etag) => (await request('PUT', `/v1/limits/${part(identity)}`,
  etag ? { body, ifMatch: etag } : { body, ifNoneMatch: '*' })).data;
export const deleteLimit = (identity, etag) =>
  request('DELETE', `/v1/limits/${part(identity)}`, { ifMatch: etag });

/** @param {{search?: string, cursor?: string}} query */
export function listUsers(query, limit = 100) {
  const search = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries(query)) {
    if (value)
      search.set(name, value);
  }
  return get(`/v1/users?${search}`);
}
/** A user with the ETag that a change has to name. */
export const getUser = name => request('GET', `/v1/users/${part(name)}`);
export const getUsage = name => get(`/v1/users/${part(name)}/usage`);
export const putUser = async (name, body, etag) => (await request('PUT', `/v1/users/${part(name)}`,
  etag ? { body, ifMatch: etag } : { body, ifNoneMatch: '*' })).data;
export const deleteUser = (name, etag) => request('DELETE', `/v1/users/${part(name)}`, { ifMatch: etag });
/** A device; its secret is in this answer, and in no other. */
export const addDevice = async (name, body) => (await request('POST', `/v1/users/${part(name)}/credentials`, { body })).data;
export const removeDevice = (name, id) => request('DELETE', `/v1/users/${part(name)}/credentials/${part(id)}`);
/** A link by which somebody enrols a device, with its code. */
export const enrol = async (name, body) => (await request('POST', `/v1/users/${part(name)}/enrolments`, { body })).data;
