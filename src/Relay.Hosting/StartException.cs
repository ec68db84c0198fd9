namespace Relay.Hosting;

/// <summary>A program cannot start as it is configured.</summary>
/// <param name="message">One line that names the option and the cause.</param>
/// <param name="inner">What it follows from.</param>
public sealed class StartException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>
    /// Whether it may pass without anybody's doing, as a port that another process has: who starts programs again may try again.
    /// </summary>
    public bool MayPass { get; init; }
}
