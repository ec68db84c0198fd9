using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Relay.Admin.Assets;

/// <summary>
/// The dashboard: files that are part of the program, at <c>/</c>. They hold nothing secret, and ask for no token.
/// </summary>
internal static class WebAssets
{
    private const string Folder = "wwwroot/";
    private const string StartPage = "index.html";

    /// <summary>By itself: it comes before anything is painted, and the rest after.</summary>
    private const string FirstScript = "js/theme-first.js";

    /// <summary>The style sheets, each of which may say otherwise than those before it.</summary>
    private static readonly string[] Sheets = ["tokens", "base", "shell", "controls", "content", "charts"];

    /// <summary>Adds a route for each file; modules and style sheets are one each.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var assembly = typeof(WebAssets).Assembly;
        foreach (var name in assembly.GetManifestResourceNames())
        {
            if (!name.StartsWith(Folder, StringComparison.Ordinal))
                continue;
            using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
            files.Add(name[Folder.Length..].Replace('\\', '/'), text.ReadToEnd());
        }
        Map(routes, "app.js", PageScript.Join(files, "js/app.js"));
        Map(routes, "app.css", string.Concat(Sheets.Select(name => files[$"css/{name}.css"])));
        foreach (var (name, content) in files)
        {
            if (name.StartsWith("css/", StringComparison.Ordinal)
                || (name.StartsWith("js/", StringComparison.Ordinal) && name != FirstScript))
                continue;
            Map(routes, name, content);
        }
    }

    private static void Map(IEndpointRouteBuilder routes, string name, string content)
    {
        var asset = WebAsset.Read(name, content);
        Map(routes, asset, $"/{name}");
        if (name == StartPage)
            Map(routes, asset, "/");
    }

    private static void Map(IEndpointRouteBuilder routes, WebAsset asset, string path) =>
        routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)asset.AnswerAsync)
            .AllowAnonymous().ExcludeFromDescription();
}
