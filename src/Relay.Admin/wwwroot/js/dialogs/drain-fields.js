// The fields that every drain has, and what they will mean.

import { h } from '../dom/h.js';
import { ApiError } from '../api/client.js';
import { choice, field, parseDuration } from '../ui/form.js';
import { duration } from '../ui/format.js';

const LONGEST = 86_400;

/** The state of the fields: how, until when, why. */
export class DrainFields {
  mode = 'gradual';
  deadline = '5m';
  reason = '';

  /** The fields; `dialog` is drawn anew when one changes. */
  draw(dialog) {
    const seconds = parseDuration(this.deadline);
    return [
      choice({
        name: 'mode', label: 'How', value: this.mode,
        options: [
          { value: 'gradual', label: 'Gradual', hint: 'Load balancers notice first; then clients are told.' },
          { value: 'immediate', label: 'Immediate', hint: 'New tunnels are refused at once.' }],
        onChange: value => {
          this.mode = value;
          dialog.redraw();
        },
      }),
      h('div', { class: 'field-row' },
        field({
          name: 'deadline', label: 'Deadline', errors: dialog.fields.deadlineSeconds,
          hint: seconds === null ? 'A time such as 90s, 5m or 1h30m.'
            : `Open tunnels may run for ${seconds === 0 ? 'no time: they end at once' : duration(seconds)}.`,
          input: h('input', { value: this.deadline, autocomplete: 'off', spellcheck: 'false', onInput: e => {
            this.deadline = e.target.value;
            dialog.redraw();
          } }),
        }),
        field({
          name: 'reason', label: 'Reason', errors: dialog.fields.reason, hint: 'For logs, and for who looks at the drain.',
          input: h('input', { value: this.reason, maxlength: 256, autocomplete: 'off', onInput: e => {
            this.reason = e.target.value;
          } }),
        }))];
  }

  /** What clients will see, one sentence each. */
  consequences() {
    const seconds = parseDuration(this.deadline) ?? 0;
    const first = this.mode === 'gradual'
      ? 'First it is cordoned for a few seconds: it tells load balancers that it is not ready, so that they send new clients '
        + 'elsewhere, and still accepts. Then clients are told (GOAWAY): they open new tunnels on another node.'
      : 'Clients are told at once (GOAWAY): they open new tunnels on another node. New requests are answered with 503.';
    const then = seconds === 0
      ? 'Open tunnels are force-closed at once; clients see them break off.'
      : `Open tunnels run on and end of themselves. After ${duration(seconds)} what is left is force-closed: clients see `
        + 'it break off.';
    return [first, then];
  }

  /** What the API is to be told. */
  toBody() {
    const seconds = parseDuration(this.deadline);
    if (seconds === null || seconds > LONGEST)
      throw new ApiError(0, 'The deadline is not a time of at most a day.',
        { deadlineSeconds: ['Write a time such as 90s, 5m or 1h30m, at most 24h.'] });
    return { mode: this.mode, deadlineSeconds: seconds, reason: this.reason.trim() };
  }
}
