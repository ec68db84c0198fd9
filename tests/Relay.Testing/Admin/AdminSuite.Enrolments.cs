using System.Text.RegularExpressions;
using Relay.Admin;
using Relay.Fleet.Users;
using Relay.Hosting.Fleet;

namespace Relay.Testing.Admin;

/// <content>Enrolments.</content>
public abstract partial class AdminSuite
{
    [Fact]
    public async Task Enrolment_FetchedByBotsFirst_IsUsedOnce_AndItsSecretIsTheDevices()
    {
        (await PutAsync("/v1/users/alice", "{}")).Dispose();
        var url = await EnrolAsync("alice", """{"device":"phone"}""");
        using var browser = new HttpClient();
        // Messengers fetch what they are sent, to show what it is.
        for (var i = 0; i < 5; i++)
        {
            using var head = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
            Assert.Equal((HttpStatusCode.OK, ""), (head.StatusCode, await head.Content.ReadAsStringAsync()));
            Assert.Contains("Set up this device", await browser.GetStringAsync(url), StringComparison.Ordinal);
        }
        Assert.Empty((await UserAsync("alice")).AsArray());

        using var used = await browser.PostAsync(url, null);
        var page = await used.Content.ReadAsStringAsync();
        using var again = await browser.PostAsync(url, null);
        using var shown = await browser.GetAsync(url);

        Assert.Equal(HttpStatusCode.OK, used.StatusCode);
        var secret = SecretOf(page);
        Assert.Equal((HttpStatusCode.Gone, HttpStatusCode.Gone), (again.StatusCode, shown.StatusCode));
        Assert.DoesNotContain(secret, await shown.Content.ReadAsStringAsync() + await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var device = Assert.Single((await UserAsync("alice")).AsArray());
        Assert.Equal("phone", (string?)device!["name"]);
        var stored = await ((Relay.Fleet.State.IFleetBackup)Fleet).ExportAsync(default);
        Assert.Equal(DeviceSecret.HashOf(secret), Assert.Single(Assert.Single(stored.Users!.Users).Devices).Sha256);
        Assert.Contains(App.Logs.Audit, line => line.StartsWith("480 otto did POST /v1/users/alice/enrolments: 201", StringComparison.Ordinal));
        Assert.Contains(App.Logs.Audit, line =>
            line.StartsWith($"485 alice has enrolled the device phone ({(string?)device["id"]}) by a link of otto", StringComparison.Ordinal));
        // Nothing of it is anywhere.
        var token = url[(url.LastIndexOf('/') + 1)..];
        Assert.DoesNotContain(App.Logs.Lines, line => ((string[])[token, DeviceSecret.HashOf(token), secret, DeviceSecret.HashOf(secret)])
            .Any(hidden => line.Text.Contains(hidden, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Enrolment_UsedAtTwoCoordinatorsAtOnce_IsOnes()
    {
        (await PutAsync("/v1/users/alice", "{}")).Dispose();
        await using var other = await AdminApp.StartAsync(Fleet, WithEnrolments);
        var url = await EnrolAsync("alice");
        var there = $"http://{other.Host.EnrolAddress}{new Uri(url).AbsolutePath}";
        using var browser = new HttpClient();

        var answers = await Task.WhenAll(
            ((string[])[url, there, url, there]).Select(place => Task.Run(() => browser.PostAsync(place, null))));

        Assert.Equal(1, answers.Count(static answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(3, answers.Count(static answer => answer.StatusCode == HttpStatusCode.Gone));
        Assert.Single((await UserAsync("alice")).AsArray());
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task Enrolment_OfOne_GivesNothingToAnother_WhateverIsAskedFor()
    {
        (await PutAsync("/v1/users/alice", "{}")).Dispose();
        (await PutAsync("/v1/users/bob", "{}")).Dispose();
        var url = await EnrolAsync("alice");
        using var browser = new HttpClient();

        using var used = await browser.PostAsync($"{url}?user=bob&name=bob", new FormUrlEncodedContent([new("user", "bob"), new("name", "bob")]));

        Assert.Equal(HttpStatusCode.OK, used.StatusCode);
        Assert.Single((await UserAsync("alice")).AsArray());
        Assert.Empty((await UserAsync("bob")).AsArray());
    }

    [Fact]
    public async Task Enrolment_OfAUserWhoIsDisabledOrRemoved_IsOver()
    {
        foreach (var user in (string[])["alice", "bob"])
            (await PutAsync($"/v1/users/{user}", "{}")).Dispose();
        var (alices, bobs) = (await EnrolAsync("alice"), await EnrolAsync("bob"));
        (await PutAsync("/v1/users/alice", """{"isDisabled":true}""")).Dispose();
        (await Operator.DeleteAsync("/v1/users/bob")).Dispose();
        using var browser = new HttpClient();

        foreach (var url in (string[])[alices, bobs])
        {
            using var page = await browser.GetAsync(url);
            using var used = await browser.PostAsync(url, null);
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (page.StatusCode, used.StatusCode));
        }
        using var refused = await Operator.SendJsonAsync(HttpMethod.Post, "/v1/users/alice/enrolments", null);
        await refused.ProblemAsync(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Enrolment_Profile_HoldsTheSecret_ForWhoWasShownIt()
    {
        (await PutAsync("/v1/users/alice", "{}")).Dispose();
        var url = await EnrolAsync("alice");
        using var browser = new HttpClient();
        using var early = await browser.PostAsync($"{url}/profile", Secret("anything"));
        using var used = await browser.PostAsync(url, null);
        var secret = SecretOf(await used.Content.ReadAsStringAsync());

        using var profile = await browser.PostAsync($"{url}/profile", Secret(secret));
        using var forged = await browser.PostAsync($"{url}/profile", Secret(secret[..^1] + (secret[^1] == 'A' ? 'E' : 'A')));
        using var fetched = await browser.GetAsync($"{url}/profile");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (early.StatusCode, forged.StatusCode));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, fetched.StatusCode);
        Assert.Equal("application/x-apple-aspen-config", profile.Content.Headers.ContentType!.MediaType);
        var text = await profile.Content.ReadAsStringAsync();
        Assert.Contains($"<string>Bearer {secret}</string>", text, StringComparison.Ordinal);
        Assert.Contains("https://relay.example.com:4433/.well-known/masque/udp/", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enrolment_AskedFor_IsAnOperators_OfAUserThatThereIs()
    {
        (await PutAsync("/v1/users/alice", "{}")).Dispose();
        using var viewer = await Viewer.SendJsonAsync(HttpMethod.Post, "/v1/users/alice/enrolments", "{}");
        await viewer.ProblemAsync(HttpStatusCode.Forbidden);
        using var nobody = await Operator.SendJsonAsync(HttpMethod.Post, "/v1/users/nobody/enrolments", "{}");
        await nobody.ProblemAsync(HttpStatusCode.NotFound);
        using var wrong = await Operator.SendJsonAsync(HttpMethod.Post, "/v1/users/alice/enrolments", """{"device":""}""");
        Assert.Equal(["device"], await wrong.WrongFieldsAsync());
        using var answer = await Operator.SendJsonAsync(HttpMethod.Post, "/v1/users/alice/enrolments", null);
        var link = await answer.JsonAsync(HttpStatusCode.Created);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Matches($"^http://{App.Host.EnrolAddress}/enroll/[A-Za-z0-9_-]{{43}}$", (string)link["url"]!);
        Assert.StartsWith("<svg ", (string)link["qrSvg"]!, StringComparison.Ordinal);
        Assert.Contains('█', (string)link["qrText"]!);
        // By the clock of the fleet, which may be ahead here.
        Assert.True(DateTimeOffset.Parse((string)link["expiresAt"]!, null) > DateTimeOffset.UtcNow + TimeSpan.FromMinutes(5));
    }

    /// <summary>A coordinator that serves the page of enrolments on loopback.</summary>
    protected static AdminConfig WithEnrolments(AdminConfig config) => config with
    {
        Enrol = new() { Address = new IPEndPoint(IPAddress.Loopback, 0) },
        Profiles = new() { Relay = RelayAddress.TryParse("relay.example.com:4433", out var relay, out _) ? relay : null },
    };

    private async Task<string> EnrolAsync(string user, string? body = null)
    {
        using var answer = await Operator.SendJsonAsync(HttpMethod.Post, $"/v1/users/{user}/enrolments", body);
        return (string)(await answer.JsonAsync(HttpStatusCode.Created))["url"]!;
    }

    private async Task<System.Text.Json.Nodes.JsonNode> UserAsync(string user) =>
        (await (await Viewer.GetAsync($"/v1/users/{user}")).JsonAsync(HttpStatusCode.OK))["devices"]!;

    private static string SecretOf(string page) =>
        Regex.Match(page, "name=\"secret\" value=\"([A-Za-z0-9_-]{43})\"") is { Success: true } match
            ? match.Groups[1].Value : throw new InvalidOperationException("no secret in " + page);

    private static FormUrlEncodedContent Secret(string secret) => new([new("secret", secret)]);
}
