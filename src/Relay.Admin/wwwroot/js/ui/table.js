// Tables: a caption for screen readers, columns that sort, rows that keep their elements. On a phone each row is a card. The roles
// are those that the elements have, and lose where a style sheet lays them out otherwise.

import { h } from '../dom/h.js';

/**
 * A table.
 * @param {object} table
 * @param {string} table.caption what it lists
 * @param {{name: string, label: string, kind?: 'number'|'action'|'wide', cell: function, by?: function}[]} table.columns
 *   `by` gives what a column sorts by; without it the column does not sort
 * @param {object[]} table.rows
 * @param {function(object): string} table.key
 * @param {function(object): boolean} [table.isStale] whether a row's numbers are those of some time ago
 * @param {Sorting} [table.sorting]
 */
export function table({ caption, columns, rows, key, sorting, isStale }) {
  const ordered = sorting ? sorting.apply(rows, columns) : rows;
  return h('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h('table', { role: 'table', class: sorting ? 'sorts' : null },
      h('caption', { class: 'hidden' }, caption),
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, columns.map(column => header(column, sorting)))),
      h('tbody', { role: 'rowgroup' }, ordered.map(row => h('tr', { key: key(row), role: 'row', class: isStale?.(row) ? 'stale' : null },
        columns.map((column, i) => h(i === 0 ? 'th' : 'td', { key: column.name, class: column.kind ?? null,
          role: i === 0 ? 'rowheader' : 'cell', scope: i === 0 ? 'row' : null, 'data-label': column.label }, column.cell(row))))))));
}

function header(column, sorting) {
  const props = { key: column.name, scope: 'col', role: 'columnheader', class: column.kind ?? null };
  if (!sorting || !column.by)
    return h('th', props, column.kind === 'action' ? h('span', { class: 'hidden' }, column.label) : column.label);
  const direction = sorting.column === column.name ? (sorting.isDown ? 'descending' : 'ascending') : 'none';
  return h('th', { ...props, 'aria-sort': direction },
    h('button', { type: 'button', class: 'sort', onClick: () => sorting.toggle(column.name) }, column.label,
      h('span', { class: 'sort-mark', 'aria-hidden': 'true' },
        direction === 'none' ? '' : direction === 'descending' ? '\u2193' : '\u2191')));
}

/** Which column a table is sorted by. */
export class Sorting {
  /** @param {string} column @param {function} onChange draws the table anew */
  constructor(column, onChange, isDown = false) {
    this.column = column;
    this.isDown = isDown;
    this.onChange = onChange;
  }

  toggle(column) {
    this.isDown = this.column === column && !this.isDown;
    this.column = column;
    this.onChange();
  }

  apply(rows, columns) {
    const by = columns.find(c => c.name === this.column)?.by;
    if (!by)
      return rows;
    const compare = (a, b) => typeof a === 'number' ? a - b
      : String(a).localeCompare(String(b), undefined, { numeric: true });
    return [...rows].sort((a, b) => (this.isDown ? -1 : 1) * compare(by(a), by(b)));
  }
}
