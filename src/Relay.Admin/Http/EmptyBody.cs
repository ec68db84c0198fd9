using Relay.Fleet.Contract;

namespace Relay.Admin.Http;

/// <summary>The body of a request that has nothing to say: absent, or an empty object.</summary>
internal sealed record EmptyBody : IRequestBody
{
    /// <inheritdoc/>
    public IEnumerable<(string Field, string Detail)> Faults() => [];
}
