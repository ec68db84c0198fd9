using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Relay.Fleet.Contract;

namespace Relay.Admin.OpenApi;

/// <summary>
/// Describes types that write themselves as JSON, and says of operators' bodies that they take nothing unknown.
/// </summary>
internal static class SchemaDescription
{
    /// <summary>Describes a type.</summary>
    public static Task Describe(
        OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        var type = context.JsonTypeInfo.Type;
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        if (inner == typeof(Prefix))
        {
            schema.Type = JsonSchemaType.String;
            schema.Description ??= "An address prefix without host bits.";
            schema.Examples = ["2001:db8::/40"];
        }
        else if (inner == typeof(DrainBudget))
        {
            schema.Type = null;
            schema.OneOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" },
                new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^([1-9][0-9]?|100)%$" },
            ];
            schema.Description ??= "A number of nodes, or a percentage of those that serve.";
            schema.Examples = ["25%"];
        }
        else if (inner.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum =
                [.. Enum.GetNames(inner).Select(static name => (JsonNode)JsonNamingPolicy.CamelCase.ConvertName(name))];
        }
        else if (type.IsAssignableTo(typeof(IRequestBody)))
            schema.AdditionalPropertiesAllowed = false;
        return Task.CompletedTask;
    }
}
