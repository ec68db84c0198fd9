// Silos, and Redis, compete for the same cores: one test at a time keeps the limits honest.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
