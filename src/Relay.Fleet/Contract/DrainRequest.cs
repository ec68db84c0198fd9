namespace Relay.Fleet.Contract;

/// <summary>A drain that is asked for, with a name.</summary>
public sealed record DrainRequest : DrainBody
{
    /// <summary>The default, without anything to drain.</summary>
    public DrainRequest()
    {
    }

    /// <summary>Asks for what an operator wants.</summary>
    public DrainRequest(DrainBody what) : base(what)
    {
    }

    /// <summary>
    /// Names the operation, made by whoever asks: the same one again gives the operation that there is.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>
    /// Tells the request from another of the same <see cref="Id"/>, which is refused; null where any is the same.
    /// </summary>
    public string? Fingerprint { get; init; }

    /// <summary>Whether it may be the request that a drain of its id was begun by, given that one's fingerprint.</summary>
    public bool MayRepeat(string? fingerprint) =>
        Fingerprint is null || fingerprint is null || Fingerprint == fingerprint;

    /// <inheritdoc/>
    public override IEnumerable<(string Field, string Detail)> Faults() => Names.IsOperation(Id)
        ? base.Faults() : base.Faults().Prepend(("id", "an id is 1 to 64 of A-Z, a-z, 0-9, - and _"));
}

/// <summary>Chooses nodes: those that fit everything it names; one that names nothing chooses all.</summary>
public sealed record NodeSelector
{
    /// <summary>The version that they run.</summary>
    public string? Version { get; init; }

    /// <summary>How their names begin.</summary>
    public string? NamePrefix { get; init; }

    /// <summary>Whether it chooses a node.</summary>
    public bool Matches(NodeInfo node) =>
        (Version is null || node.Version == Version)
        && (NamePrefix is null || node.Id.StartsWith(NamePrefix, StringComparison.Ordinal));
}
