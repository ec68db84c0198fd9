using System.Collections.Concurrent;
using Microsoft.Playwright;
using Relay.Testing.Browser;

namespace Relay.Dashboard.Tests.Browser;

/// <summary>
/// The page's modules in an empty document: time passes, requests are answered and the page is looked at as the test
/// says (fakes.js), and no coordinator is needed.
/// </summary>
internal static class ModulePage
{
    private const string Origin = "http://modules.localhost";

    /// <summary>
    /// Runs the body of an asynchronous function, which has <c>clock</c>, <c>server</c> and <c>sight</c> of fakes.js, and
    /// gives what it returns. A script that fails where nobody waits for it fails the test as well.
    /// </summary>
    public static async Task<T> RunAsync<T>(Chromium chromium, string body)
    {
        await using var context = await chromium.Browser.NewContextAsync();
        context.SetDefaultTimeout(DashboardPage.Patience);
        var page = await context.NewPageAsync();
        var faults = new ConcurrentQueue<string>();
        page.PageError += (_, error) => faults.Enqueue(error);
        await page.RouteAsync("**/*", AnswerAsync);
        await page.GotoAsync(Origin);
        var result = await page.EvaluateAsync<T>(
            $$"""
            async () => {
              const { clock, server, sight } = await import('/fakes.js');
              {{body}}
            }
            """);
        Assert.Empty(faults);
        return result;
    }

    private static Task AnswerAsync(IRoute route)
    {
        var path = new Uri(route.Request.Url).AbsolutePath;
        if (path == "/")
            return route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = "<!doctype html><title>-</title><body>" });
        var file = path == "/fakes.js" ? "tests/Relay.Dashboard.Tests/Browser/fakes.js" : $"src/Relay.Admin/wwwroot{path}";
        return route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "text/javascript",
            Body = Repository.Read(file),
        });
    }
}
