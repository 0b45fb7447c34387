CREATE TABLE items (
    job_id     uuid PRIMARY KEY,
    name       text NOT NULL,
    words      integer NOT NULL CHECK (words >= 0),
    created_at timestamptz NOT NULL DEFAULT now()
);
