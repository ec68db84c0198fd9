namespace Relay.Protocol;

/// <summary>What <see cref="Http1RequestReader"/> found.</summary>
public enum Http1ReadResult
{
    /// <summary>The head goes on; all bytes given were read.</summary>
    NeedMore,

    /// <summary>The head is complete.</summary>
    Complete,

    /// <summary>It cannot be one; <see cref="Http1RequestReader.Fault"/> says why.</summary>
    Failed,
}
