using System.Globalization;
using Relay.Fleet.Contract;

namespace Relay.Admin.Tests.World;

/// <summary>
/// A node that was taken over and is to cost as much as it can: each report has as many sessions as one may hold, all invented, each
/// with as many addresses as are kept and an identity of its own, in few bytes. When it has as many as there is memory for, it tells of
/// them again, with other addresses.
/// </summary>
internal sealed class FloodingNode(TimeProvider clock)
{
    /// <summary>Its name.</summary>
    public const string Name = "liar";

    private const int Rounds = 16;

    private readonly Guid _incarnation = Guid.NewGuid();
    private long _sequence;
    private long _told;

    /// <summary>The next of its reports.</summary>
    public NodeReport Next() => new()
    {
        Node = Name,
        Incarnation = _incarnation,
        Sequence = ++_sequence,
        State = NodeState.Serving,
        Capacity = new NodeCapacity { MaxConnections = 1L << 24, MaxTunnels = 1L << 26 },
        Load = new NodeLoad { Connections = 1L << 24, Sessions = 1L << 24 },
        Identities = [.. Enumerable.Range(0, 1000).Select(i => new IdentityUsage(IdentityOf(i), 1, 1, 1, true))],
        Sessions = new SessionDelta
        {
            From = _told,
            To = _told + 1,
            Changed = [.. Enumerable.Range(0, SessionDelta.MaxChanges).Select(i => new SessionRecord
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{_sequence % Rounds}-{i}"),
                Identity = IdentityOf(i),
                StartedAt = clock.GetUtcNow(),
                EgressAddresses = [.. Enumerable.Range(0, 8).Select(n =>
                    string.Create(CultureInfo.InvariantCulture, $"{1 + (_sequence % 0xffff):x}:{(8 * i) + n + 1:x}::"))],
            })],
        },
    };

    /// <summary>Its last report was answered.</summary>
    public void OnAnswer(NodeDirective directive) => _told = directive.AcknowledgedSessions;

    private string IdentityOf(int i) => string.Create(CultureInfo.InvariantCulture, $"jwt:{_sequence % Rounds}-{i}");
}
