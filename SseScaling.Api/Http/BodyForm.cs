using System.Text.Json;
using Microsoft.AspNetCore.Mvc;

namespace SseScaling.Api.Http;

/// <summary>How the JSON body of an endpoint looks: what is told to whoever sends another one, and what the API's description shows.</summary>
/// <param name="Form">What it is, without a full stop: <c>A post is an object</c>.</param>
/// <param name="Example">A body as JSON.</param>
/// <param name="Fields">The names of an object's fields, all of them strings; none for an array.</param>
/// <param name="Item">A sentence that says what an item of an array is; null for an object.</param>
internal sealed record BodyForm(string Form, string Example, IReadOnlyList<string> Fields, string? Item = null)
{
    /// <summary>The largest body in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>The answer to no body, <c>null</c>, and anything else that is another kind of JSON.</summary>
    public string Missing => $"{Form}: {Example}.";

    /// <summary>A sentence that says what is wrong with a body that the serializer did not take.</summary>
    public string Problem(JsonException e) => e switch
    {
        { InnerException: JsonException } => $"The body is no valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): send e.g. {Example}.",
        { Path: "$" or null, InnerException: null } => Missing,
        { Path: "$" or null } => $"The body contains text that is no valid Unicode: send e.g. {Example}.",
        _ when Item is not null => $"{Item} One of these is none, or contains text that is no valid Unicode.",
        _ when Fields.FirstOrDefault(field => e.Path == "$." + field) is { } field =>
            $"The field '{field}' is a string: this value is none, contains text that is no valid Unicode, or is there twice.",
        _ => $"The field '{NameIn(e.Path)}' is unknown: {char.ToLowerInvariant(Form[0])}{Form[1..]} with {string.Join(" and ", Fields)}.",
    };

    // $.name, or $['a name'] where it has other characters than letters and digits.
    private static string NameIn(string path) => path.StartsWith("$['", StringComparison.Ordinal) ? path[3..^2] : path[2..];
}

/// <summary>Declares the body of an endpoint.</summary>
internal static class BodyFormExtensions
{
    /// <summary>Names the form of the endpoint's JSON body, limits its size, and declares the problems that come of it.</summary>
    public static RouteHandlerBuilder WithBody(this RouteHandlerBuilder endpoint, BodyForm form) => endpoint
        .WithMetadata(form, new RequestSizeLimitAttribute(BodyForm.MaxBytes))
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
}
