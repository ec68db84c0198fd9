using Relay.Dashboard.Tests.Browser;
using Relay.Testing.Browser;

namespace Relay.Dashboard.Tests.Modules;

/// <summary>The connection that events come by.</summary>
public sealed class EventStreamTests(Chromium chromium)
{
    private const string Begin = """
        const { EventStream } = await import('/js/api/event-stream.js');
        const stream = new EventStream();
        const states = [];
        stream.addEventListener('state', e => states.push(e.detail));
        stream.start();

        """;

    [Fact]
    public async Task Start_AfterAStopBetweenTwoConnections_LeavesOne()
    {
        var seen = await RunAsync<int[]>("""
            const texts = [];
            stream.addEventListener('event', e => texts.push(e.detail.data.text));
            await (await server.connect()).lose();
            stream.stop();
            stream.start();
            await clock.pass(30_000);
            const waiting = server.waiting('/v1/events');
            await (await server.connect()).tell({ kind: 'node', text: 'once' });
            return [waiting, texts.length];
            """);

        Assert.Equal([1, 1], seen);
    }

    [Fact]
    public async Task Stop_WhileAnEventIsOnItsWay_SaysNothingMore()
    {
        var seen = await RunAsync<string[]>("""
            const connection = await server.connect();
            stream.addEventListener('event', () => states.push('event'));
            const told = connection.tell({ kind: 'node', text: '' });
            stream.stop();
            await told;
            return states;
            """);

        Assert.Equal(["connecting", "live", "refused"], seen);
    }

    [Fact]
    public async Task Connection_OnWhichNothingIsSaid_IsGivenUpAndAnotherMade()
    {
        var seen = await RunAsync<string[]>("""
            await clock.pass(44_999);
            const before = server.counts['/v1/events'];
            await clock.pass(2000);
            return [before, server.counts['/v1/events'], server.waiting('/v1/events'), ...states].map(String);
            """);

        Assert.Equal(["1", "2", "1", "connecting", "waiting"], seen);
    }

    [Fact]
    public async Task Event_ThatCannotBeRead_IsNotAskedForAgain()
    {
        var seen = await RunAsync<string[]>("""
            const from = [];
            const connect = async () => {
              const connection = await server.connect();
              from.push(String(connection.from));
              return connection;
            };
            const first = await connect();
            await first.tell({ id: 'run-1', kind: 'node', text: '' });
            await first.lose();
            await clock.pass(2000);
            await (await connect()).send('id: run-2\ndata: {\n\n');
            await clock.pass(2000);
            await connect();
            return from;
            """);

        Assert.Equal(["null", "run-1", "null"], seen);
    }

    [Fact]
    public async Task Token_ThatIsNotEnough_EndsIt()
    {
        var seen = await RunAsync<string[]>("""
            await server.answer('/v1/events', {}, 403);
            await clock.pass(60_000);
            return [String(server.counts['/v1/events']), ...states];
            """);

        Assert.Equal(["1", "connecting", "refused"], seen);
    }

    [Fact]
    public async Task Event_OfTheLargestDrain_IsRead()
    {
        var seen = await RunAsync<int[]>("""
            const { EventReader } = await import('/js/api/event-reader.js');
            const reader = new EventReader();
            // Ten thousand nodes, each with the longest name.
            const bytes = new TextEncoder().encode(`data: ${'x'.repeat(10_000 * 400)}\n\n`);
            const events = [];
            for (let i = 0; i < bytes.length; i += 1 << 20)
              events.push(...reader.push(bytes.subarray(i, i + (1 << 20))));
            return events.map(e => e.data.length);
            """);

        Assert.Equal([4_000_000], seen);
    }

    private Task<T> RunAsync<T>(string script) => ModulePage.RunAsync<T>(chromium, Begin + script);
}
