using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Relay.Admin.Tests.World;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>The dashboard's files as they are served.</summary>
public partial class WebAssetTests
{
    [Fact]
    public async Task Page_AskedForWithoutToken_IsServedToBeAskedForAgain()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        using var page = await app.Client(null).GetAsync("/");
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType?.ToString());
        Assert.True(page.Headers.CacheControl?.NoCache);
        Assert.False(page.Headers.CacheControl?.NoStore);
        var tag = page.Headers.ETag!;
        using var again = await app.Client(null)
            .SendJsonAsync(HttpMethod.Get, "/index.html", null, ("If-None-Match", tag.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        using var head = await app.Client(null).SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"));
        Assert.Equal(page.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        using var post = await app.Operator.PostAsync("/", null);
        await post.ProblemAsync(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Page_CompressedIfAccepted_IsTheSame()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        var client = app.Client(null);
        var plain = await client.GetStringAsync("/");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var answer = await client.SendAsync(request);
        Assert.Equal("gzip", Assert.Single(answer.Content.Headers.ContentEncoding));
        await using var gzip = new GZipStream(await answer.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var text = new StreamReader(gzip);
        Assert.Equal(plain, await text.ReadToEndAsync());
    }

    [Fact]
    public async Task Page_WhatItNames_IsServedAndNothingIsInline()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        var client = app.Client(null);
        var page = await client.GetStringAsync("/");
        var names = Named().Matches(page).Select(static match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(names);
        foreach (var name in names)
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(name)).StatusCode);
        Assert.DoesNotMatch(@"<script(?![^>]*\bsrc=)", page);
        Assert.DoesNotMatch(@"<style|\sstyle=|\son\w+=", page);
    }

    [Theory]
    [InlineData("/js/../../relay-admin.dll")]
    [InlineData("/js/..%2f..%2frelay-admin.dll")]
    [InlineData("/wwwroot/index.html")]
    [InlineData("/js/")]
    public async Task Paths_ThatAreNoFiles_AreNotServed(string path)
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        using var answer = await app.Operator.GetAsync(path);
        await answer.ProblemAsync(HttpStatusCode.NotFound);
    }

    [GeneratedRegex("(?:src|href)=\"(/[^\"]*)\"")]
    private static partial Regex Named();
}
