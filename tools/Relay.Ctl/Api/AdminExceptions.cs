namespace Relay.Ctl.Api;

/// <summary>The coordinator answered, and refused.</summary>
/// <param name="status">The answer's status.</param>
/// <param name="message">One sentence.</param>
/// <param name="errors">What is wrong with each field, as the API names it.</param>
internal sealed class AdminException(int status, string message, IReadOnlyDictionary<string, string[]>? errors = null)
    : Exception(message)
{
    /// <summary>The answer's status.</summary>
    public int Status { get; } = status;

    /// <summary>What is wrong with each field.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; } = errors ?? new Dictionary<string, string[]>();
}

/// <summary>No coordinator answered, or none that can ask the fleet.</summary>
internal sealed class UnreachableException(string message, Exception? inner = null) : Exception(message, inner);
