using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Relay.Fleet.Contract;
using Relay.Fleet.Local;
using Relay.Testing.Admin;
using Relay.Testing.Nodes;

namespace Relay.Admin.Tests;

/// <summary>Which answers are compressed, and which must not be.</summary>
public class CompressionTests
{
    [Fact]
    public async Task Nodes_AskedForCompressed_AreATenthOfTheirSize()
    {
        await using var fleet = LocalFleetHost.Start(new LocalFleetConfig(), new ShiftedClock());
        for (var i = 0; i < 100; i++)
        {
            await using var node = new SimulatedNode($"edge-{i}", fleet.Fleet) { Version = "1.2.3+4f1c2d7" };
            await node.ReportAsync();
        }
        await using var app = await AdminApp.StartAsync(fleet.Fleet);
        var plain = await app.Viewer.GetByteArrayAsync("/v1/nodes?limit=1000");

        using var answer = await GetAsync(app, "/v1/nodes?limit=1000");

        Assert.Equal("gzip", Assert.Single(answer.Content.Headers.ContentEncoding));
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        var body = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(body.Length < plain.Length / 10, $"{body.Length} of {plain.Length} bytes");
        await using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        Assert.Equal(100, (await JsonNode.ParseAsync(gzip))!["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task History_OfANode_AskedForCompressed_Is()
    {
        await using var fleet = LocalFleetHost.Start(new LocalFleetConfig(), new ShiftedClock());
        await using var node = new SimulatedNode("edge-1", fleet.Fleet);
        await node.ReportAsync();
        await using var app = await AdminApp.StartAsync(fleet.Fleet);
        using var answer = await GetAsync(app, "/v1/nodes/edge-1/history");
        Assert.Equal("gzip", Assert.Single(answer.Content.Headers.ContentEncoding));
    }

    [Theory]
    [InlineData("/v1/users")]
    [InlineData("/v1/users/alice")]
    [InlineData("/v1/fleet/state")]
    [InlineData("/v1/caller")]
    public async Task AnswersNearSecrets_AskedForCompressed_AreNot(string path)
    {
        await using var fleet = LocalFleetHost.Start(new LocalFleetConfig(), new ShiftedClock());
        await fleet.Fleet.PutUserAsync(new User { Name = "alice" }, "", default);
        await using var app = await AdminApp.StartAsync(fleet.Fleet);
        using var answer = await GetAsync(app, path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
    }

    private static async Task<HttpResponseMessage> GetAsync(AdminApp app, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        return await app.Operator.SendAsync(request);
    }
}
