using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>How an operation on the fleet went.</summary>
[JsonConverter(typeof(CamelCaseEnum<FleetStatus>))]
public enum FleetStatus
{
    /// <summary>Done, or already as asked.</summary>
    Ok,

    /// <summary>There is no such thing.</summary>
    NotFound,

    /// <summary>
    /// What it is now does not allow it: a pool with live leases, an overlap, a drain that has ended.
    /// </summary>
    Conflict,

    /// <summary>What was asked makes no sense; <see cref="FleetResult{T}.Field"/> names the part.</summary>
    Invalid,

    /// <summary>It was changed by somebody else since it was read.</summary>
    PreconditionFailed,

    /// <summary>Storage or a silo is away; nothing is known to have changed.</summary>
    Unavailable,

    /// <summary>The id of what was asked is another request's.</summary>
    Reused,
}

/// <summary>The outcome of an operation: a value, or why there is none.</summary>
/// <param name="Status">How it went.</param>
/// <param name="Value">What there is now; only with <see cref="FleetStatus.Ok"/>.</param>
/// <param name="Detail">One sentence for a person; not with <see cref="FleetStatus.Ok"/>.</param>
/// <param name="Field">The field that is wrong, as JSON names it; only with <see cref="FleetStatus.Invalid"/>.</param>
public sealed record FleetResult<T>(FleetStatus Status, T? Value, string? Detail = null, string? Field = null)
{
    /// <summary>Whether it was done.</summary>
    public bool IsOk => Status == FleetStatus.Ok;

    /// <summary>The same failure of an operation that would give something else.</summary>
    public FleetResult<TOther> As<TOther>() => new(Status, default, Detail, Field);
}

/// <summary>Makes results.</summary>
public static class FleetResult
{
    /// <summary>Done.</summary>
    public static FleetResult<T> Ok<T>(T value) => new(FleetStatus.Ok, value);

    /// <summary>There is no such thing.</summary>
    public static FleetResult<T> NotFound<T>(string detail) => new(FleetStatus.NotFound, default, detail);

    /// <summary>Its present state does not allow it.</summary>
    public static FleetResult<T> Conflict<T>(string detail) => new(FleetStatus.Conflict, default, detail);

    /// <summary>A field is wrong.</summary>
    public static FleetResult<T> Invalid<T>(string field, string detail) =>
        new(FleetStatus.Invalid, default, detail, field);

    /// <summary>Somebody else changed it first.</summary>
    public static FleetResult<T> PreconditionFailed<T>(string detail) =>
        new(FleetStatus.PreconditionFailed, default, detail);

    /// <summary>The id is another request's.</summary>
    public static FleetResult<T> Reused<T>(string detail) => new(FleetStatus.Reused, default, detail);

    /// <summary>Storage or a silo is away.</summary>
    public static FleetResult<T> Unavailable<T>(string detail) => new(FleetStatus.Unavailable, default, detail);
}
