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

    /// <summary>Adds a route for each file.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var assembly = typeof(WebAssets).Assembly;
        foreach (var name in assembly.GetManifestResourceNames())
        {
            if (!name.StartsWith(Folder, StringComparison.Ordinal))
                continue;
            using var stream = assembly.GetManifestResourceStream(name)!;
            var asset = WebAsset.Read(name[Folder.Length..], stream);
            Map(routes, asset, $"/{asset.Path}");
            if (asset.Path == StartPage)
                Map(routes, asset, "/");
        }
    }

    private static void Map(IEndpointRouteBuilder routes, WebAsset asset, string path) =>
        routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)asset.AnswerAsync)
            .AllowAnonymous().ExcludeFromDescription();
}
