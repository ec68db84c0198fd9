using System.Globalization;
using FsCheck.Fluent;
using Relay.Fleet.Sessions;

namespace Relay.Fleet.Tests.Sessions;

/// <summary>Whatever comes and goes: the directory lists what a plain dictionary of records would, by whatever it is asked.</summary>
public class SessionDirectoryModelTests
{
    private const int Identities = 4;
    private const int Ids = 2000;
    private const int SmallWaste = 32 << 10;

    private static readonly string[] Addresses =
        ["192.0.2.1", "2001:db8::7", "2001:db8:0:0::7", "::ffff:192.0.2.1", "fe80::1%3", "2001:DB8::8", "192.0.2.255"];

    private static readonly string?[] Canonical =
        ["192.0.2.1", "2001:db8::7", "2001:db8::7", "::ffff:192.0.2.1", "fe80::1%3", "2001:db8::8", "192.0.2.255"];

    // What is done with how many sessions from one on; what they are like goes by the seed.
    private sealed record Step(int Kind, int From, int Count, int Seed);

    private readonly SortedDictionary<string, SessionRecord> _model = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ending = new(StringComparer.Ordinal);

    /// <summary>Whatever is on its way from one table to another.</summary>
    [Theory]
    [InlineData(8192, 60)]
    [InlineData(64, 20)]
    public void Directory_OfAnyHistory_ListsWhatADictionaryWould(int slice, int histories) => Properties.CheckHistories(
        from kind in Gen.Choose(0, 11)
        from first in Gen.Choose(0, 1500)
        from count in Gen.Choose(1, 300)
        from seed in Gen.Choose(0, 1 << 20)
        select new Step(kind, first, count, seed), 40, histories, history => Check(history, slice));

    private void Check(IReadOnlyList<Step> history, int slice)
    {
        _model.Clear();
        _ending.Clear();
        var budget = new SessionBudget(long.MaxValue);
        var directory = new SessionDirectory("a", budget: budget) { Slice = slice };
        var number = 0L;
        foreach (var step in history)
        {
            string[] ids = [.. Enumerable.Range(step.From, step.Count).Select(IdOf)];
            SessionRecord[] changed = step.Kind < 8 ? [.. ids.Select((id, i) => SessionOf(id, step.Seed + i))] : [];
            string[] ended = step.Kind is >= 8 and < 11 ? ids : [];
            directory.Apply(new SessionDelta
            {
                From = number,
                To = ++number,
                IsRestart = step.Kind == 7 || (step.Kind == 11 && step.Seed % 3 == 0),
                Changed = changed,
                Ended = ended,
            });
            if (step.Kind == 7 || (step.Kind == 11 && step.Seed % 3 == 0))
                _model.Clear();
            foreach (var session in changed)
                _model[session.Id] = Kept(session);
            foreach (var id in ended)
                _model.Remove(id);
            _ending.RemoveWhere(id => !_model.ContainsKey(id));
            if (step.Kind == 11 && directory.MarkEnding(IdOf(step.From)) is { } ending)
            {
                _model[ending.Id] = _model[ending.Id] with { State = SessionState.Ending };
                _ending.Add(ending.Id);
            }
            // While they are on their way, there is room for more than there are.
            if (slice >= Ids)
                Assert.InRange(directory.Size, 0, budget.Used + SmallWaste);
            Compare(directory, step);
        }
        directory.Clear();
        Assert.Equal(0, budget.Used);
    }

    private void Compare(SessionDirectory directory, Step step)
    {
        Assert.Equal(_model.Count, directory.Count);
        Assert.Equal(_model.Values, Pages(directory, new SessionQuery(), 1 + (step.Seed % 400)), Same);
        var (identity, address) = ($"user:{step.Seed % Identities}", step.Seed % Addresses.Length);
        var query = new SessionQuery { Identity = identity };
        Assert.Equal(_model.Values.Where(session => session.Identity == identity), Pages(directory, query, 1 + (step.Seed % 97)), Same);
        Assert.Equal(_model.Values.Count(session => session.Identity == identity), directory.CountOf(identity));
        bool Shows(SessionRecord session) => session.EgressAddresses.Contains(Canonical[address]);
        Assert.Equal(
            _model.Values.Where(Shows), Pages(directory, new SessionQuery { EgressAddress = Addresses[address] }, 1 + (step.Seed % 53)), Same);
        Assert.Equal(_model.Values.Any(Shows), directory.HasEgress(Addresses[address]));
        Assert.Equal(
            _model.Values.Where(session => Shows(session) && session.Identity == identity),
            Pages(directory, query with { EgressAddress = Addresses[address] }, 1000), Same);
        var id = IdOf(step.From);
        Assert.Equal(_model.GetValueOrDefault(id), directory.Find(id), Same);
    }

    private static List<SessionRecord> Pages(SessionDirectory directory, SessionQuery query, int limit)
    {
        List<SessionRecord> all = [];
        while (directory.Query(query, all.Count == 0 ? null : all[^1].Id, limit) is { Count: > 0 } page)
            all.AddRange(page);
        return all;
    }

    private static bool Same(SessionRecord? left, SessionRecord? right) => left is null || right is null
        ? left == right
        : left with { EgressAddresses = [] } == right with { EgressAddresses = [] } && left.EgressAddresses.SequenceEqual(right.EgressAddresses);

    private static string IdOf(int number) => string.Create(CultureInfo.InvariantCulture, $"s-{number * 7919 % Ids}");

    private static SessionRecord SessionOf(string id, int seed) => new()
    {
        Id = id,
        Identity = seed % 5 == 0 ? $"credential:{id}é" : $"user:{seed % Identities}",
        HttpVersion = (seed % 4) switch { 0 => null, 1 => "3", 2 => "2", _ => "1.1" },
        StartedAt = new DateTimeOffset(2026, 1, 1, 0, 0, seed % 60, TimeSpan.FromMinutes(seed % 3 * 30)),
        TunnelsOpen = seed % 9,
        TunnelsTotal = seed,
        UpstreamBytes = 1L << (seed % 53),
        DownstreamBytes = seed * 3L,
        EgressAddresses = [.. Enumerable.Range(seed, seed % 3 == 0 ? 1 : seed % 10).Select(i => Addresses[i * 3 % Addresses.Length])],
        State = (SessionState)(seed % 2),
    };

    private SessionRecord Kept(SessionRecord session) => session with
    {
        State = _ending.Contains(session.Id) ? SessionState.Ending : session.State,
        Node = "a",
        EgressAddresses = [.. session.EgressAddresses.Take(SessionDirectory.MaxEgressAddresses)
            .Select(static address => Canonical[Array.IndexOf(Addresses, address)]!)],
    };
}
