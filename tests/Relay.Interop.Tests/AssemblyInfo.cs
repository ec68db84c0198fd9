// Browsers and relays compete for the same cores: one test at a time keeps the time limits honest.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
