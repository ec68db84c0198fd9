using Relay.Dashboard.Tests.Browser;
using Relay.Testing.Browser;

namespace Relay.Dashboard.Tests.Modules;

/// <summary>When views read: one at a time, at most one to follow, and none while nobody looks.</summary>
public sealed class ReadingsTests(Chromium chromium)
{
    private const string Begin = """
        const { Readings } = await import('/js/api/readings.js');
        let count = 0;
        let end = null;
        const seen = [];
        const readings = new Readings(() => {
          count++;
          return new Promise(done => { end = done; });
        }, 5000);
        readings.start();

        """;

    [Fact]
    public async Task Want_WhileOneIsOnItsWay_GetsOneMoreAfterARest()
    {
        var seen = await RunAsync("""
            readings.want();
            readings.want();
            readings.want();
            seen.push(count);
            await clock.pass(20_000);
            seen.push(count);
            end();
            await clock.pass(999);
            seen.push(count);
            await clock.pass(1);
            seen.push(count);
            await clock.pass(60_000);
            seen.push(count);
            """);

        Assert.Equal([1, 1, 1, 2, 2], seen);
    }

    [Fact]
    public async Task Unasked_ItIsReadAfterTheInterval()
    {
        var seen = await RunAsync("""
            await clock.pass(4999);
            seen.push(count);
            await clock.pass(1);
            seen.push(count);
            await clock.pass(3000);
            end();
            await clock.pass(4999);
            seen.push(count);
            await clock.pass(1);
            seen.push(count);
            """);

        Assert.Equal([0, 1, 1, 2], seen);
    }

    [Fact]
    public async Task WhileNobodyLooks_NothingIsReadUntilSomebodyDoes()
    {
        var seen = await RunAsync("""
            await sight.set(false);
            readings.want();
            await clock.pass(60_000);
            seen.push(count);
            await sight.set(true);
            seen.push(count);
            """);

        Assert.Equal([0, 1], seen);
    }

    [Fact]
    public async Task Stopped_ItReadsNoMore()
    {
        var seen = await RunAsync("""
            readings.want();
            readings.want();
            readings.stop();
            end();
            await clock.pass(60_000);
            await sight.set(true);
            seen.push(count);
            """);

        Assert.Equal([1], seen);
    }

    [Fact]
    public async Task Pool_HoweverManyLeasesChange_IsReadOnceAtATime()
    {
        var seen = await ModulePage.RunAsync<int[]>(chromium, """
            const { PoolView } = await import('/js/views/pool-view.js');
            const model = new EventTarget();
            new PoolView(model, { id: 'v6' }).open(document.body);
            const pool = { pool: { name: 'v6', prefix: '2001:db8::/60', blockLength: 64 }, blocks: 16, isFound: false, free: 16 };
            const counts = [];
            const tell = async () => {
              for (let i = 0; i < 300; i++)
                model.dispatchEvent(new CustomEvent('lease', { detail: {} }));
              await clock.settle();
              counts.push(server.counts['/v1/prefix-pools/v6']);
            };
            await tell();
            await server.answer('/v1/prefix-pools/v6', pool);
            await server.answer('/v1/prefix-pools/v6/leases', { items: [] });
            await tell();
            await clock.pass(1000);
            await tell();
            return counts;
            """);

        Assert.Equal([1, 1, 2], seen);
    }

    [Theory]
    [InlineData("drain-view.js", "DrainView", "/v1/drains/x")]
    [InlineData("node-view.js", "NodeView", "/v1/nodes/x")]
    [InlineData("session-view.js", "SessionView", "/v1/sessions/x")]
    [InlineData("user-view.js", "UserView", "/v1/users/x")]
    public async Task View_ThatIsNotAnswered_AsksOnce(string module, string view, string path)
    {
        var counts = await ModulePage.RunAsync<int[]>(chromium, $$"""
            const { {{view}} } = await import('/js/views/{{module}}');
            const { Drains } = await import('/js/model/drains.js');
            const drains = new Drains();
            drains.put({ id: 'x', state: 'running', createdAt: '', nodes: [] });
            const model = Object.assign(new EventTarget(), { drains, node: () => null });
            document.body.innerHTML = '<div id="live"></div><main></main>';
            new {{view}}(model, { id: 'x' }).open(document.querySelector('main'));
            await clock.pass(25_000);
            return [server.counts['{{path}}']];
            """);

        Assert.Equal([1], counts);
    }

    private Task<int[]> RunAsync(string script) => ModulePage.RunAsync<int[]>(chromium, $"{Begin}{script}return seen;");
}
