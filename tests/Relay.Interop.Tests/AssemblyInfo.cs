using System.Runtime.Versioning;

// Browsers and relays compete for the same cores: one test at a time keeps the time limits honest.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
// As the relay: its own UDP, network namespaces, modes of files.
[assembly: SupportedOSPlatform("linux")]
