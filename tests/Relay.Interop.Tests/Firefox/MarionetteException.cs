namespace Relay.Interop.Tests.Firefox;

/// <summary>The browser's own account of why a command failed.</summary>
internal sealed class MarionetteException(string message) : Exception(message);
