using System.Runtime.Versioning;

// Browsers, and the programs themselves, as processes.
[assembly: Trait("Needs", "Processes")]
// As the relay: its own UDP, network namespaces, modes of files.
[assembly: SupportedOSPlatform("linux")]
