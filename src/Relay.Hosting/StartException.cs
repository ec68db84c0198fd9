namespace Relay.Hosting;

/// <summary>A program cannot start as it is configured.</summary>
/// <param name="message">One line that names the option and the cause.</param>
/// <param name="inner">What it follows from.</param>
public sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);
