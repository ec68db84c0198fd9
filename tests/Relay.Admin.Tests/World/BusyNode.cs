using System.Globalization;
using Relay.Fleet.Contract;
using Relay.Testing.Nodes;

namespace Relay.Admin.Tests.World;

/// <summary>
/// An honest node that runs traffic: 5000 sessions that all carry something, from four addresses of the node's block each, of which 250
/// begin and end each second. A node tells of a session that carries something every five seconds.
/// </summary>
internal sealed class BusyNode : IAsyncDisposable
{
    /// <summary>How many sessions it has.</summary>
    public const int Sessions = 5000;

    private const int BeginASecond = 250;
    private const int TellASecond = Sessions / 5;

    private readonly SimulatedNode _node;
    private readonly TimeProvider _clock;
    private int _first;
    private int _next;
    private int _told;

    /// <summary>A node whose sessions have begun, and that nobody has heard of.</summary>
    public BusyNode(string name, IFleetReports fleet, TimeProvider clock)
    {
        (_node, _clock) = (new SimulatedNode(name, fleet, clock), clock);
        while (_next < Sessions)
            _node.Open(RecordOf(_next++));
    }

    /// <summary>All of its sessions have arrived.</summary>
    public bool IsKnown => _node.LastDirective?.AcknowledgedSessions >= Sessions;

    /// <summary>A second of traffic passes, and it reports.</summary>
    public async Task ReportAsync()
    {
        for (var i = 0; i < BeginASecond; i++)
        {
            _node.Close(NameOf(_first++));
            _node.Open(RecordOf(_next++));
        }
        for (var i = 0; i < TellASecond; i++)
        {
            _told = Math.Max(_told + 1, _first);
            if (_told >= _next)
                _told = _first;
            _node.Open(RecordOf(_told) with { EgressAddresses = [], UpstreamBytes = _next * 1000L });
        }
        _node.Carry(1_000_000, 200_000);
        await _node.ReportAsync();
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{_node.Name}-{number:d8}").PadRight(22, '_');

    // As random as the real ones are of a /64.
    private static string AddressOf(int number) => string.Create(
        CultureInfo.InvariantCulture, $"2001:db8:1:2:{number * 0x9E3779B1L & 0xffff:x}:{number * 0x85EBCA77L >> 8 & 0xffff:x}:{number >> 16:x}:{number & 0xffff:x}");

    private SessionRecord RecordOf(int number) => new()
    {
        Id = NameOf(number),
        Identity = string.Create(CultureInfo.InvariantCulture, $"credential:user-{number % 1000}"),
        StartedAt = _clock.GetUtcNow(),
        TunnelsOpen = 2,
        TunnelsTotal = 4,
        EgressAddresses = [.. Enumerable.Range(0, 4).Select(i => AddressOf((4 * number) + i))],
    };
}
