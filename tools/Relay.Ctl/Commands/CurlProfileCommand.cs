using Relay.Ctl.Cli;
using Relay.Fleet.Contract;
using Relay.Fleet.Recipes;

namespace Relay.Ctl.Commands;

/// <summary><c>profile curl</c>: see <see cref="CurlRecipe"/>.</summary>
internal sealed class CurlProfileCommand(CtlContext context) : RecipeCommand(
    "curl", "Options for curl: curl --config FILE URL.", takesCredentials: true, context)
{
    /// <inheritdoc/>
    protected override string Write(RelayInfo relay, string? authorization, string? authority) =>
        CurlRecipe.Write(relay, authorization, authority);
}
