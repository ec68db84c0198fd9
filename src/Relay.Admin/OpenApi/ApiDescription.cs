using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Relay.Admin.Identity;

namespace Relay.Admin.OpenApi;

/// <summary>The description of the API, made from the routes: <c>/openapi/v1.json</c>.</summary>
internal static class ApiDescription
{
    /// <summary>The name of the security scheme.</summary>
    public const string BearerScheme = "bearer";

    private const string Introduction = """
        Nodes, drains, sessions, prefix pools, limits and events of a fleet of relays.

        A request carries a bearer token of role `viewer` (sees), `operator` (sees and changes) or `node` (reports for itself).
        Every error is `application/problem+json` (RFC 9457); `errors` names each wrong field. An unknown field or query
        parameter is an error. Lists are paged: `next` of one part is the `cursor` of the next. POSTs that change
        something take `Idempotency-Key`.
        """;

    /// <summary>Registers what makes it.</summary>
    public static void Add(IServiceCollection services) => services.AddOpenApi("v1", static options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            Describe(document);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(OperationDescription.Describe);
        options.AddSchemaTransformer(SchemaDescription.Describe);
    });

    /// <summary>Adds its route. It says what anybody can read elsewhere, and asks for no token.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "RelayFleet admin API",
            Version = typeof(ApiDescription).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion.Split('+')[0] ?? "0",
            Description = Introduction,
        };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[BearerScheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = $"""
                A token of the coordinator's token file. {AdminRoles.Viewer}: GET. {AdminRoles.Operator}: everything but
                reports. {AdminRoles.Node}: reports of the node that the token is for.
                """,
        };
        document.Security =
            [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(BearerScheme, document)] = [] }];
    }
}
