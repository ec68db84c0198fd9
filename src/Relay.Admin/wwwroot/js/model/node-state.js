// What a node is, as it is shown, and whether it still says what it carries.

/** What a node is: to the fleet one that is quarantined is silent. */
export const stateOf = node => (node.quarantine ? 'quarantined' : node.state);

/** Whether what a node says is of some time ago. What it carries now nobody knows then, and the coordinator gives zeroes for it. */
export const isStale = node => ['quarantined', 'silent'].includes(stateOf(node));
