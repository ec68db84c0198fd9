using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Relay.Admin.Http;
using Relay.Admin.Resources;

namespace Relay.Admin.OpenApi;

/// <summary>Adds to an operation what its route says in metadata of our own: query, header fields, examples.</summary>
internal static class OperationDescription
{
    /// <summary>Describes an operation.</summary>
    public static Task Describe(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var parameters = operation.Parameters ??= [];
        foreach (var parameter in metadata.OfType<QueryParameters>().SelectMany(static all => all.Parameters))
            parameters.Add(ToParameter(parameter));
        if (metadata.OfType<TakesIdempotencyKey>().Any())
            parameters.Add(Header(IdempotencyKey.FieldName, """
                The same key again, from the same caller and with the same body, gives the answer of the first request and does
                nothing else; with another body it is an error.
                """));
        if (metadata.OfType<TakesPreconditions>().Any())
        {
            parameters.Add(Header("If-Match", "For a change: only of the version with this entity tag."));
            parameters.Add(
                Header("If-None-Match", "For PUT `*`: only if it is not there. For GET: 304 where the tag is known."));
        }
        if (metadata.OfType<TakesPosition>().Any())
            parameters.Add(Header(EventsResource.PositionField, "The last event that the client has."));
        if (metadata.OfType<TakesRelayAuthorization>().Any())
            parameters.Add(Header(
                AppleProfileResource.AuthorizationField,
                "Credentials that the profile shall hold, such as `Bearer …`."));
        foreach (var (status, response) in operation.Responses ?? [])
        {
            if (DescriptionOf(status) is { } description)
                response.Description = description;
        }
        Examples.AddTo(operation);
        return Task.CompletedTask;
    }

    private static OpenApiParameter ToParameter(QueryParameter parameter)
    {
        var value = new OpenApiSchema
        {
            Type = parameter.Lowest is null ? JsonSchemaType.String : JsonSchemaType.Integer,
            Minimum = parameter.Lowest?.ToString(CultureInfo.InvariantCulture),
            Maximum = parameter.Highest?.ToString(CultureInfo.InvariantCulture),
            Default = parameter.Default,
            Format = parameter.Format,
            MaxLength = parameter.Lowest is null && parameter.Choices is null ? parameter.MaxLength : null,
            Enum = parameter.Choices?.Select(static choice => (System.Text.Json.Nodes.JsonNode)choice).ToList(),
        };
        return new OpenApiParameter
        {
            Name = parameter.Name,
            In = ParameterLocation.Query,
            Description = parameter.Description,
            Required = parameter.IsRequired,
            Schema = parameter.IsRepeatable ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = value } : value,
            Example = parameter is { Example: not null, IsRepeatable: false } ? parameter.Example : null,
        };
    }

    private static OpenApiParameter Header(string name, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static string? DescriptionOf(string status) => status switch
    {
        "201" => "Made.",
        "202" => "Begun; `Location` is where to watch it.",
        "204" => "Done; there is nothing to tell.",
        "304" => "The client has it already.",
        "400" => "The request has wrong fields; `errors` names each.",
        "401" => "The bearer token is absent, or not known.",
        "403" => "The token's role does not allow this.",
        "404" => "There is no such thing.",
        "409" => "What it is now does not allow it.",
        "412" => "It was changed by somebody else since it was read.",
        "413" => "The body is too large.",
        "415" => "The body is not JSON, or has a coding that is not read.",
        "422" => "The `Idempotency-Key` was used for another request.",
        "429" => "Too many requests; `Retry-After` says when to come again.",
        "503" => "The fleet does not answer; nothing is known to have changed.",
        _ => null,
    };
}
