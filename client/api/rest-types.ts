/** Made by `npm run generate` from the OpenAPI document: not to be edited. */
export interface paths {
    "/api/medias": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Upload an image for a tweet */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "multipart/form-data": {
                        /**
                         * Format: binary
                         * @description The image: JPEG, PNG, WebP, GIF, AVIF or TIFF, told by its bytes.
                         */
                        file: Blob;
                    };
                };
            };
            responses: {
                /** @description Done; something is new */
                201: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description Calls that are left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MediaCreated"];
                    };
                };
                /** @description `BadRequest` */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `RequestTimeout` */
                408: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `PayloadTooLarge` */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `UnsupportedMediaType` */
                415: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InvalidImage` */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tweets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The feed: one's own tweets and those of the followed, most likes first */
        get: {
            parameters: {
                query?: {
                    /** @description Tweets a page. Without it the whole feed window is answered. */
                    limit?: string;
                    /** @description Page number, from 1. Ignored without `limit`. */
                    offset?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TweetList"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `ValidationError` */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        /** Post a tweet */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewTweet"];
                };
            };
            responses: {
                /** @description Done; something is new */
                201: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description Calls that are left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TweetCreated"];
                    };
                };
                /** @description `BadRequest` */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `RequestTimeout` */
                408: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `PayloadTooLarge` */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `UnsupportedMediaType` */
                415: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `ValidationError` or `InvalidMedia` */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tweets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete one's own tweet */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description Calls that are left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Done"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Forbidden` */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `NotFound` */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tweets/{id}/likes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Like a tweet; 200 when it was liked already */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description Calls that are left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Done"];
                    };
                };
                /** @description Done; something is new */
                201: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description Calls that are left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Done"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `NotFound` */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        /** Take a like back; harmless when there is none */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description Calls that are left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Done"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `NotFound` */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A person's profile */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ProfileAnswer"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `NotFound` */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}/follow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Follow a person; 200 when followed already */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description Calls that are left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Done"];
                    };
                };
                /** @description Done; something is new */
                201: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description Calls that are left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Done"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Forbidden` */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `NotFound` */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        /** Unfollow a person; harmless when not followed */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description Calls that are left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Done"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Forbidden` */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `NotFound` */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own profile */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ProfileAnswer"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v2/feed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The feed, by likes, by time or by likes decayed by age */
        get: {
            parameters: {
                query?: {
                    /** @description `next_cursor` of the page before; without it, the first page. */
                    cursor?: string;
                    /** @description Entries a page. */
                    limit?: number;
                    /** @description `popular`: most likes first; `hot`: likes decayed by age; `new`: newest first. Pages of the first two follow the ranking that the first page saw. */
                    sort?: "popular" | "new" | "hot";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TweetPageV2"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `ValidationError` */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v2/tweets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One tweet */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TweetAnswerV2"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `NotFound` */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v2/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** People by the beginning of their name, in any case */
        get: {
            parameters: {
                query?: {
                    /** @description `next_cursor` of the page before; without it, the first page. */
                    cursor?: string;
                    /** @description Entries a page. */
                    limit?: number;
                    /** @description How the name begins, in any case; without it, everybody by name. */
                    query?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PeoplePageV2"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `ValidationError` */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v2/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A person's profile */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Identifier */
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ProfileAnswerV2"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `NotFound` */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v2/users/{id}/followers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who follows a person */
        get: {
            parameters: {
                query?: {
                    /** @description `next_cursor` of the page before; without it, the first page. */
                    cursor?: string;
                    /** @description Entries a page. */
                    limit?: number;
                };
                header?: never;
                path: {
                    /** @description Identifier */
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PeoplePageV2"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `NotFound` */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `ValidationError` */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v2/users/{id}/following": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whom a person follows */
        get: {
            parameters: {
                query?: {
                    /** @description `next_cursor` of the page before; without it, the first page. */
                    cursor?: string;
                    /** @description Entries a page. */
                    limit?: number;
                };
                header?: never;
                path: {
                    /** @description Identifier */
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PeoplePageV2"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `NotFound` */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `ValidationError` */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v2/users/{id}/tweets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A person's tweets, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description `next_cursor` of the page before; without it, the first page. */
                    cursor?: string;
                    /** @description Entries a page. */
                    limit?: number;
                };
                header?: never;
                path: {
                    /** @description Identifier */
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TweetPageV2"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `NotFound` */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `ValidationError` */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v2/users/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own profile */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ProfileAnswerV2"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v2/users/suggested": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whom to follow: the most followed whom one does not follow yet */
        get: {
            parameters: {
                query?: {
                    /** @description Entries a page. */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PeopleV2"];
                    };
                };
                /** @description `Unauthorized` */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `ValidationError` */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `TooManyRequests` */
                429: {
                    headers: {
                        /** @description Calls of this kind a minute. */
                        "RateLimit-Limit": number;
                        /** @description None is left. */
                        "RateLimit-Remaining": number;
                        /** @description Seconds until all of them are free again. */
                        "RateLimit-Reset": number;
                        /** @description Seconds until the next call is taken. */
                        "Retry-After": number;
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `InternalError` */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description `Unavailable` */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A picture of a tweet: derived files only. */
        Attachment: {
            /** @example 800 */
            height: number | null;
            /**
             * @description Identifier
             * @example 17
             */
            id: number;
            /**
             * @description A tiny `data:` URI to show while the picture loads; null until ready.
             * @example data:image/webp;base64,UklGRg…
             */
            placeholder: string | null;
            /** @enum {string} */
            status: "ready" | "processing" | "failed";
            /** @description The narrowest first; empty until ready. */
            variants: components["schemas"]["Variant"][];
            /**
             * @description Of the largest variant; null until ready.
             * @example 1280
             */
            width: number | null;
        };
        Done: {
            /** @constant */
            result: true;
        };
        /** @description What every failure answers. */
        Error: {
            error_message: string;
            error_type: string;
            /** @constant */
            result: false;
        };
        /** @description Who liked a tweet. */
        Like: {
            name: string;
            /**
             * @description Identifier
             * @example 17
             */
            user_id: number;
        };
        MediaCreated: {
            /**
             * @description Identifier
             * @example 17
             */
            media_id: number;
            /** @constant */
            result: true;
        };
        NewTweet: {
            /**
             * @description The text, 1 to 280 code points.
             * @example Hello
             */
            tweet_data: string;
            /** @description Ids of uploaded images of one's own, unused so far. */
            tweet_media_ids?: number[] | null;
        };
        PeoplePageV2: {
            /** @description The `cursor` of the next page; null on the last one. */
            next_cursor: string | null;
            /** @constant */
            result: true;
            users: components["schemas"]["PersonV2"][];
        };
        PeopleV2: {
            /** @constant */
            result: true;
            users: components["schemas"]["PersonV2"][];
        };
        PersonV2: {
            followers_count: number;
            /** @description Whether the caller follows this person. */
            following: boolean;
            /**
             * @description Identifier
             * @example 17
             */
            id: number;
            name: string;
        };
        Profile: {
            followers: components["schemas"]["UserRef"][];
            following: components["schemas"]["UserRef"][];
            /**
             * @description Identifier
             * @example 17
             */
            id: number;
            name: string;
        };
        ProfileAnswer: {
            /** @constant */
            result: true;
            user: components["schemas"]["Profile"];
        };
        ProfileAnswerV2: {
            /** @constant */
            result: true;
            user: components["schemas"]["ProfileV2"];
        };
        ProfileV2: {
            followers_count: number;
            /** @description Whether the caller follows this person. */
            following: boolean;
            following_count: number;
            /** @description Whether this person follows the caller. */
            follows_you: boolean;
            /**
             * @description Identifier
             * @example 17
             */
            id: number;
            name: string;
        };
        Tweet: {
            /**
             * @description Root-relative links of the images, for `<img src>`.
             * @example [
             *       "/media/3q2-7wAAAAAAAAAAAAAAAA/1280.webp"
             *     ]
             */
            attachments: string[];
            author: components["schemas"]["UserRef"];
            content: string;
            /**
             * @description Identifier
             * @example 17
             */
            id: number;
            likes: components["schemas"]["Like"][];
            /**
             * Format: date-time
             * @description Creation time, ISO 8601, UTC.
             */
            stamp: string;
        };
        TweetAnswerV2: {
            /** @constant */
            result: true;
            tweet: components["schemas"]["TweetV2"];
        };
        TweetCreated: {
            /** @constant */
            result: true;
            /**
             * @description Identifier
             * @example 17
             */
            tweet_id: number;
        };
        TweetList: {
            /** @constant */
            result: true;
            tweets: components["schemas"]["Tweet"][];
        };
        TweetPageV2: {
            /** @description The `cursor` of the next page; null on the last one. */
            next_cursor: string | null;
            /** @constant */
            result: true;
            tweets: components["schemas"]["TweetV2"][];
        };
        /** @description A tweet with counts instead of lists. */
        TweetV2: {
            attachments: components["schemas"]["Attachment"][];
            author: components["schemas"]["UserRef"];
            /** @example The view from here */
            content: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            created_at: string;
            /**
             * @description Identifier
             * @example 17
             */
            id: number;
            /**
             * @description Whether the reader likes it. A live event has no one reader: there it is false.
             * @example false
             */
            liked: boolean;
            likes_count: number;
            /** @description Grows with every change of likes or pictures: a lower one never overwrites a higher one. */
            version: number;
        };
        /** @description A person, as named beside a tweet or in a list. */
        UserRef: {
            /**
             * @description Identifier
             * @example 17
             */
            id: number;
            /** @example Ada Lovelace */
            name: string;
        };
        /** @description One size of a picture, in pixels. */
        Variant: {
            /** @example 400 */
            height: number;
            /** @constant */
            type: "image/webp";
            /**
             * @description Root-relative.
             * @example /media/<token>/640.webp
             */
            url: string;
            /** @example 640 */
            width: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
