namespace Relay.Node;

/// <summary>The node cannot start as it is configured.</summary>
/// <param name="message">One line that names the cause.</param>
internal sealed class StartException(string message) : Exception(message);
