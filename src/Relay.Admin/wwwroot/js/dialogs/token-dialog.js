// Asks for the bearer token.

import { getToken, setToken } from '../api/token.js';
import { ApiError } from '../api/client.js';
import { h } from '../dom/h.js';
import { openDialog } from '../ui/dialog.js';
import { field } from '../ui/form.js';
import { notice } from '../ui/notices.js';

let isOpen = false;

/** Asks until there is a token, then goes on; a wrong one makes the API ask again. */
export function askForToken(goOn) {
  if (isOpen)
    return;
  isOpen = true;
  openDialog({
    title: 'Sign in',
    submit: 'Sign in',
    isFixed: true,
    body: dialog => [
      getToken() && notice('bad', 'The token that was given is not accepted, or not any more.'),
      h('p', null, 'This coordinator wants a token. Whoever runs it makes one with ', h('code', null,
        'relay-admin hash-token NAME operator --generate'), '.'),
      field({
        name: 'token', label: 'Token', errors: dialog.fields.token, wide: true,
        hint: 'Kept in this tab until it is closed, and sent to this coordinator only.',
        input: h('input', { type: 'password', autocomplete: 'off', spellcheck: 'false', autofocus: true, required: true }),
      }),
    ],
    onSubmit: async dialog => {
      const token = dialog.value('token').trim();
      if (!/^[\x21-\x7e]+$/.test(token))
        throw new ApiError(0, 'That is not a token.', { token: ['A token has letters, digits and signs, and no spaces.'] });
      setToken(token);
      isOpen = false;
      goOn();
    },
  });
}
