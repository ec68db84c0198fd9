// The bearer token: kept for this tab and no longer, and sent to this origin only.

const KEY = 'relayfleet.token';

/** The token; null when none was given. */
export const getToken = () => sessionStorage.getItem(KEY);

/** Keeps a token for as long as the tab is open. */
export const setToken = token => sessionStorage.setItem(KEY, token);

/** Forgets the token. */
export const clearToken = () => sessionStorage.removeItem(KEY);
