using Relay.Fleet.Contract;
using Relay.Node.Egress;
using Relay.Node.Fleet;
using Relay.Node.Tests.Identity;

namespace Relay.Node.Tests.Fleet;

public class LeaseHookTests
{
    private static readonly Prefix Block = Prefix.Parse("198.51.100.0/28");

    private readonly RecordingLog _log = new();

    [Fact]
    public async Task Success_IsLogged()
    {
        Assert.Null(await RunAsync("exit 0"));
        Assert.Equal(["lease hook gained 198.51.100.0/28: done"], Lines());
    }

    [Fact]
    public async Task Failure_IsLoggedWithStatusAndWhatItSaid()
    {
        Assert.Equal(
            "exit status 3: no route to the switch", await RunAsync("echo 'no route to the switch' >&2; exit 3"));
        Assert.Equal(["lease hook gained 198.51.100.0/28: exit status 3: no route to the switch"], Lines());
    }

    [Fact]
    public async Task MuchOutput_DoesNotHoldItUp()
    {
        await RunAsync("head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; exit 4");
        Assert.StartsWith(
            "lease hook gained 198.51.100.0/28: exit status 4", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ItsInput_IsEmpty()
    {
        await RunAsync("read line || exit 5");
        Assert.Equal(["lease hook gained 198.51.100.0/28: exit status 5"], Lines());
    }

    [Fact]
    public async Task OneThatHangs_IsKilledWithItsChildren()
    {
        await RunAsync("sleep 600 & sleep 600", TimeSpan.FromMilliseconds(200));
        Assert.Equal(["lease hook gained 198.51.100.0/28: killed: it took longer than 0.2 s"], Lines());
    }

    private IEnumerable<string> Lines() => _log.Lines.Select(static line => line.Text);

    private Task<string?> RunAsync(string command, TimeSpan? limit = null)
    {
        return new LeaseHook(command, "edge-1", _log) { Limit = limit ?? TimeSpan.FromSeconds(60) }
            .RunAsync("gained", new HeldLease("v4", new EgressLease(Block, 0)) { Epoch = 1, StopTime = 0 });
    }
}
