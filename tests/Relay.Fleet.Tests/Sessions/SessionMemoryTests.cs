using System.Globalization;
using Relay.Fleet.Sessions;

namespace Relay.Fleet.Tests.Sessions;

/// <summary>What sessions take of a coordinator's memory, in bytes.</summary>
public class SessionMemoryTests
{
    private const int Sessions = 20_000;

    // As records it was six times as much.
    private const int MostOfSession = 256;

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(8, true)]
    public void Sessions_TakeNoMoreThanIsCounted(int addresses, bool areAddressesTheirOwn)
    {
        var budget = new SessionBudget(long.MaxValue);
        var directory = new SessionDirectory("a", budget: budget);
        for (var first = 0; first < Sessions; first += 1000)
            directory.Apply(Delta(first, [.. Enumerable.Range(first, 1000).Select(i => SessionOf(i, addresses, areAddressesTheirOwn))]));

        Assert.Equal(Sessions, directory.Count);
        Assert.InRange(directory.Size, Sessions, budget.Used);
        Assert.InRange(directory.Size / Sessions, 1, MostOfSession + (addresses * 64));
    }

    [Fact]
    public void Sessions_ThatComeAndGo_TakeNoMoreThanThoseThatThereAre()
    {
        var budget = new SessionBudget(long.MaxValue);
        var directory = new SessionDirectory("a", budget: budget);
        for (var first = 0; first < 10 * Sessions; first += 1000)
            directory.Apply(Delta(first, [.. Enumerable.Range(first, 1000).Select(static i => SessionOf(i, 8, true))]) with
            {
                Ended = [.. Enumerable.Range(first - 1000, 1000).Where(static i => i >= 0).Select(IdOf)],
            });

        Assert.Equal(1000, directory.Count);
        Assert.InRange(directory.Size, 1000, budget.Used);
    }

    /// <summary>Of a million no report waits for the others to be moved together.</summary>
    [Fact]
    public void Sessions_ThatEnd_LeaveTheirMemoryInSteps()
    {
        var budget = new SessionBudget(long.MaxValue);
        var directory = new SessionDirectory("a", budget: budget) { Slice = 500 };
        for (var first = 0; first < Sessions; first += 1000)
            directory.Apply(Delta(first, [.. Enumerable.Range(first, 1000).Select(static i => SessionOf(i, 1, true))]));
        const int Left = Sessions / 4;
        directory.Apply(Delta(Sessions, []) with { Ended = [.. Enumerable.Range(0, Sessions - Left).Select(IdOf)] });

        var steps = 0;
        for (var number = Sessions + 1000; directory.Size > budget.Used; number += 1000, steps++)
        {
            Assert.Equal(Left, directory.Count);
            Assert.Equal(SessionDeltaResult.Applied, directory.Apply(Delta(number, [])));
            Assert.Equal(SessionDeltaResult.Unchanged, directory.Apply(Delta(number, [])));
        }

        // Also with what tells nothing new.
        Assert.InRange(steps, (Left / 500 / 2) - 1, Left / 500 / 2);
        Assert.NotNull(directory.Find(IdOf(Sessions - 1)));
    }

    [Fact]
    public void Change_OfWhatASessionCarries_MakesNoObjectOfIt()
    {
        var directory = new SessionDirectory("a");
        directory.Apply(Delta(0, [.. Enumerable.Range(0, 1000).Select(static i => SessionOf(i, 0, false))]));
        SessionRecord[] changed = [.. Enumerable.Range(0, 100).Select(static i => SessionOf(7 * i, 0, false) with { UpstreamBytes = 1000 })];
        var number = 1000L;

        var bytes = Allocations.Of(() =>
        {
            directory.Apply(Delta(number, changed));
            number += 1000;
        });

        // The delta itself, and room for addresses.
        Assert.InRange(bytes, 0, 512);
        Assert.Equal(1000, directory.Find(IdOf(7))!.UpstreamBytes);
    }

    private static SessionDelta Delta(long from, SessionRecord[] changed) => new() { From = from, To = from + 1000, Changed = changed };

    private static string IdOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{number * 0x9E3779B1L:x14}").PadRight(22, '_');

    private static SessionRecord SessionOf(int number, int addresses, bool areTheirOwn) => new()
    {
        Id = IdOf(number),
        Identity = string.Create(CultureInfo.InvariantCulture, $"credential:user-{number % (Sessions / 2)}"),
        StartedAt = DateTimeOffset.UnixEpoch,
        EgressAddresses = [.. Enumerable.Range(0, addresses).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"2001:db8:1:2::{(areTheirOwn ? number >> 12 : 0):x}:{(areTheirOwn ? number & 0xfff : 0):x}{i}"))],
    };
}
